/** Looks at publicUrl as a browser would: its name, its TLS, what answers there, and whether that is us. */
import { paths, publishedUrls } from '../config/published-urls.ts';
import { type Answer, ask, NoAnswer } from './ask.ts';
import { tell, type Finding, type Probe } from './check.ts';
import { judgeAnswerHeaders } from './judge-answer-headers.ts';
import { judgeCertificate } from './judge-certificate.ts';
import { judgeMetadata } from './judge-metadata.ts';
import { listCertificates } from './key-list.ts';
import { showTls } from './show-tls.ts';
import type { World } from './world.ts';

const slow = 1_000;
const mostRedirects = 10;

async function resolve({ configuration, machine }: World): Promise<readonly Finding[]> {
  const check = tell('public-url.resolves');
  const { hostname } = new URL(configuration.publicUrl);
  try {
    const addresses = await machine.lookup(hostname);
    return [check.ok(`${hostname} is ${addresses.join(', ')}`)];
  } catch {
    return [check.problem(`${hostname} has no address here`)];
  }
}

async function lookAtTls({ configuration, machine, clock }: World, signal: AbortSignal): Promise<readonly Finding[]> {
  const [certificate, versions] = [tell('public-url.certificate'), tell('public-url.tls')];
  const { protocol, hostname, port } = new URL(configuration.publicUrl);
  if (protocol === 'http:') return [certificate, versions].map((each) => each.skipped('publicUrl is plain http on this machine'));
  const host = hostname.replace(/^\[|\]$/g, '');
  const asked = { host, port: Number(port || 443), authorities: machine.authorities, now: clock.now(), signal };
  let shown;
  try {
    shown = await showTls(asked);
  } catch (error) {
    const why = error instanceof Error ? error.message : 'it does not answer';
    return [
      certificate.skipped(`no certificate is shown: ${why}`),
      versions.problem(`neither TLS 1.2 nor 1.3 comes about: ${why}`),
    ];
  }
  const isOldTaken = await showTls({ ...asked, old: true }).then(
    () => true,
    () => false,
  );
  return [
    judgeCertificate(certificate, shown, asked.now),
    isOldTaken
      ? versions.warning(`${shown.version} is spoken, and TLS 1.0 or 1.1 is accepted, too`)
      : versions.ok(`${shown.version} is spoken, and nothing before 1.2`),
  ];
}

async function lookAtHealth(get: (path: string) => Promise<Answer>): Promise<Finding> {
  const check = tell('public-url.answers');
  const alive = await get('/healthz');
  const said = alive.body.toString().slice(0, 200);
  if (alive.status !== 200 || said !== '{"status":"ok"}')
    return check.problem(`/healthz answers with the status ${String(alive.status)}, and not as Passerelle does`);
  const ready = await get('/readyz');
  const milliseconds = Math.round(Math.max(alive.milliseconds, ready.milliseconds));
  const parts = ready.status === 200 ? [] : [...ready.body.toString().matchAll(/"(\w+)":"failed"/g)].map(([, name]) => name);
  if (ready.status !== 200) {
    const which = parts.filter((name) => name !== 'status').join(', ');
    return check.warning(
      `Passerelle is alive and not ready${which === '' ? '' : `: ${which}`}`,
      'Look at what else is said here of these parts, and into the log.',
    );
  }
  const words = `alive and ready, in ${String(milliseconds)} ms`;
  return milliseconds > slow ? check.warning(words, 'Look at the load of the machine and of the proxy.') : check.ok(words);
}

/** Pages that are reached by whatever the proxy makes of their address. */
async function followRedirects(
  { publicUrl }: { readonly publicUrl: string },
  get: (url: string) => Promise<Answer>,
): Promise<Finding> {
  const check = tell('public-url.redirects');
  const visited = new Set<string>();
  let url = `${publicUrl}/`;
  for (let redirects = 0; redirects <= mostRedirects; redirects += 1) {
    if (visited.has(url)) return check.problem(`redirects go round in a circle: ${[...visited, url].slice(-4).join(' → ')}`);
    visited.add(url);
    const { status, headers } = await get(url);
    if (status < 300 || status > 399 || headers.location === undefined) {
      if (visited.size === 1) return check.ok('pages come without a redirect');
      return check.warning(`the first page is reached by ${String(visited.size - 1)} redirects: ${[...visited].join(' → ')}`);
    }
    const next = URL.parse(headers.location, url);
    if (next?.origin !== publicUrl) return check.problem(`the first page leads to ${next?.origin ?? 'what is no URL'}`);
    url = next.href;
  }
  return check.problem(`redirects do not end: ${[...visited].slice(-3).join(' → ')}`);
}

async function lookAtAnswers(world: World, signal: AbortSignal): Promise<readonly Finding[]> {
  const { configuration, machine, clock } = world;
  const { publicUrl } = configuration;
  const get = (url: string): Promise<Answer> =>
    ask({ url: new URL(url, publicUrl).href, authorities: machine.authorities, now: clock.now(), signal });
  let health: Finding;
  try {
    health = await lookAtHealth(get);
  } catch (error) {
    if (!(error instanceof NoAnswer)) throw error;
    return [
      tell('public-url.answers').problem(`${publicUrl}: ${error.message}`),
      ...(['public-url.ours', 'public-url.redirects', 'public-url.hsts'] as const).map((id) =>
        tell(id).skipped('nobody answers'),
      ),
    ];
  }
  const metadata = await get(paths.metadata);
  const redirects = await followRedirects(configuration, get);
  const { entityID } = publishedUrls(configuration);
  const certificates = await listCertificates(configuration.keys.folder);
  return [
    health,
    judgeMetadata(
      tell('public-url.ours'),
      { status: metadata.status, text: metadata.body.toString() },
      { entityID, certificates },
    ),
    redirects,
    judgeAnswerHeaders(tell('public-url.hsts'), (await get('/')).headers, publicUrl.startsWith('https:')),
  ];
}

export const publicUrlProbes = (world: World): readonly Probe[] => [
  { ids: ['public-url.resolves'], run: () => resolve(world) },
  { ids: ['public-url.certificate', 'public-url.tls'], run: (signal) => lookAtTls(world, signal) },
  {
    ids: ['public-url.answers', 'public-url.ours', 'public-url.redirects', 'public-url.hsts'],
    limit: 40_000,
    run: (signal) => lookAtAnswers(world, signal),
  },
];
