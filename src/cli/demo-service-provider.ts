/** `passerelle demo-service-provider`: runs the demo service provider alone, beside a Passerelle of its own. */
import { demoDomain } from '../demo/demo-configuration.ts';
import { createDemoServiceProvider } from '../demo/service-provider.ts';
import { parseArguments, UsageMistake, type Command } from './command.ts';

const longestMetadata = 131_072;
const patience = 5_000;

async function fetchMetadata(url: string, signal: AbortSignal): Promise<string> {
  const response = await fetch(url, { signal: AbortSignal.any([signal, AbortSignal.timeout(patience)]) });
  if (!response.ok) throw new Error(`${url} answered ${String(response.status)}`);
  const text = await response.text();
  if (text.length > longestMetadata) throw new Error(`${url} answered more than ${String(longestMetadata)} characters`);
  return text;
}

function readUrl(text: string | undefined, option: string): string {
  if (text === undefined) throw new UsageMistake(`Missing option --${option}.`);
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== 'https:' && url?.protocol !== 'http:') throw new UsageMistake(`--${option} takes an http or https URL.`);
  return url.href;
}

function readListen(text: string): { host: string; port: number } {
  const found = /^(?:\[([0-9A-Fa-f:.]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(text);
  const host = found?.[1] ?? found?.[2];
  const port = Number.parseInt(found?.[3] ?? '', 10);
  if (host === undefined || !(port <= 65_535))
    throw new UsageMistake('--listen takes HOST:PORT, such as 127.0.0.1:8081 or [::1]:8081.');
  return { host, port };
}

export const command: Command = {
  name: 'demo-service-provider',
  summary: 'run a service provider that behaves as Google does, for trials',
  usage: `Usage: passerelle demo-service-provider --listen HOST:PORT --public-url URL --idp-metadata URL [OPTIONS]

  --listen HOST:PORT   where it listens (127.0.0.1:8081)
  --public-url URL     where browsers reach it, on another origin than Passerelle (http://HOST:PORT)
  --idp-metadata URL   the metadata of the identity provider, read anew for each sign-in
  --domain DOMAIN      the domain of its legacy profile (${demoDomain})
  --person ADDRESS     somebody who is provisioned; may be repeated; letter case counts
  --sign-out-url URL   where people sign out (at the identity provider)

It is for trials: it knows no passwords, keeps everything in memory and shows what it was sent.

Example: passerelle demo-service-provider --idp-metadata http://localhost:8080/saml/metadata --person alice@example.com`,
  lasts: true,
  async run(args, io) {
    const { values } = parseArguments(args, {
      listen: { type: 'string', default: '127.0.0.1:8081' },
      'public-url': { type: 'string' },
      'idp-metadata': { type: 'string' },
      domain: { type: 'string', default: demoDomain },
      person: { type: 'string', multiple: true, default: [] },
      'sign-out-url': { type: 'string' },
    });
    const metadataUrl = readUrl(values['idp-metadata'], 'idp-metadata');
    const signOutUrl = values['sign-out-url'] === undefined ? undefined : readUrl(values['sign-out-url'], 'sign-out-url');
    const publicUrl = values['public-url'] === undefined ? undefined : readUrl(values['public-url'], 'public-url');
    const demo = await createDemoServiceProvider({
      ...readListen(values.listen),
      publicUrl,
      domain: values.domain,
      people: values.person,
      readMetadata: () => fetchMetadata(metadataUrl, io.signal),
      signOutUrl,
      audit: {
        note(level, message, detail) {
          io.stderr(`${level}: ${message} ${JSON.stringify(detail ?? {})}\n`);
        },
      },
      clock: io.clock,
      random: io.random,
    });
    io.stdout(`Open ${demo.url}/\n`);
    await new Promise<void>((resolve) => {
      if (io.signal.aborted) resolve();
      else {
        io.signal.addEventListener(
          'abort',
          () => {
            resolve();
          },
          { once: true },
        );
      }
    });
    await demo.close();
    return 0;
  },
};
