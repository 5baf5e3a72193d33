# Passerelle as an image: the compiled program, its packages, Node, and nothing else.
FROM node:24-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts
COPY tsconfig.json tsconfig.build.json ./
COPY scripts/build.ts scripts/describe-package.ts scripts/
COPY src/ src/
RUN node scripts/build.ts && node scripts/describe-package.ts && npm prune --omit=dev --ignore-scripts

FROM node:24-bookworm-slim
ENV NODE_ENV=production
COPY LICENSE /app/
COPY --from=build /app/package.json /app/
COPY --from=build /app/node_modules/ /app/node_modules/
COPY --from=build /app/dist/ /app/dist/
COPY bin/ /app/bin/
COPY views/ /app/views/
COPY scripts/kerberos.js /app/scripts/
# The configuration is mounted; what it names for keys.folder and store.file should lie in /var/lib/passerelle.
RUN ln -s /app/bin/passerelle /usr/local/bin/passerelle \
    && mkdir -p /etc/passerelle /var/lib/passerelle/certs \
    && chown -R node:node /var/lib/passerelle \
    && chmod -R 0700 /var/lib/passerelle
USER node
WORKDIR /var/lib/passerelle
VOLUME /var/lib/passerelle
EXPOSE 8080
# With TLS of its own, or on another port, give the container a health check of its own.
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s --retries=3 \
    CMD ["node", "-e", "fetch('http://127.0.0.1:8080/healthz').then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["passerelle"]
CMD ["start", "--config", "/etc/passerelle/passerelle.yaml"]
