/**
 * What the package is made of, laid into dist/ (or the folder that is named) when it is packed: a bill of materials in CycloneDX,
 * and the licences of all that comes with it. Fails where a licence is not among those that we ship.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

interface Locked {
  readonly version: string;
  readonly dev?: boolean;
}

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly license?: unknown;
  readonly licenses?: readonly { readonly type?: string }[];
}

const root = join(import.meta.dirname, '..');
const target = resolve(root, process.argv[2] ?? 'dist');
const permissive = new Set(['MIT', 'ISC', 'BSD-2-Clause', 'BSD-3-Clause', 'Apache-2.0', '0BSD', 'BlueOak-1.0.0', 'Python-2.0']);
/** Whose manifest says it otherwise, and what their text is. */
const said: Readonly<Record<string, string>> = { 'MIT License': 'MIT' };

const read = (file: string): unknown => JSON.parse(readFileSync(file, 'utf8'));

function licenceOf(folder: string, manifest: Manifest): { readonly name: string; readonly text: string } {
  const files = readdirSync(folder).filter((file) => /^(licen[cs]e|copying|notice)/i.test(file));
  const readme = readdirSync(folder).find((file) => /^readme/i.test(file));
  const inReadme = readme === undefined ? '' : readFileSync(join(folder, readme), 'utf8');
  const own = files.map((file) => readFileSync(join(folder, file), 'utf8').trim()).join('\n\n');
  const [paragraph = ''] = /#* *\(?(the )?(MIT )?licen[cs]e[^]*$/i.exec(inReadme) ?? [];
  const text = own === '' ? paragraph.trim() : own;
  const declared = typeof manifest.license === 'string' ? manifest.license : (manifest.licenses?.[0]?.type ?? '');
  const guessed = /\bMIT\b|Permission is hereby granted, free of charge/.test(text) ? 'MIT' : '';
  const name = said[declared] ?? (declared === '' ? guessed : declared);
  return { name, text };
}

const { packages } = read(join(root, 'package-lock.json')) as { packages: Readonly<Record<string, Locked>> };
const shipped = Object.entries(packages)
  .filter(([path, { dev }]) => path !== '' && dev !== true && existsSync(join(root, path)))
  .map(([path]) => {
    const manifest = read(join(root, path, 'package.json')) as Manifest;
    return { ...manifest, licence: licenceOf(join(root, path), manifest) };
  });
const odd = shipped.filter(({ licence }) => !permissive.has(licence.name));
if (odd.length > 0) {
  process.stderr.write(
    `Not shipped under these licences: ${odd.map(({ name, licence }) => `${name} (${licence.name || 'none'})`).join(', ')}.\n`,
  );
  process.exit(1);
}
const listed = shipped.map(({ name, version, licence }) => {
  const title = `${name} ${version}: ${licence.name}`;
  return `${title}\n${'-'.repeat(title.length)}\n\n${licence.text || `The package brings no text of it; it says ${licence.name}.`}\n`;
});
writeFileSync(
  join(target, 'licences.txt'),
  `What comes with Passerelle, and under which licence. Passerelle itself: MIT, see LICENSE.\n\n${listed.join('\n\n')}`,
);

const argv = ['sbom', '--sbom-format', 'cyclonedx', '--sbom-type', 'application', '--omit', 'dev', '--package-lock-only'];
const bill = JSON.parse(
  execFileSync('npm', argv, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], maxBuffer: 2 ** 26 }),
) as {
  metadata: { component: Record<string, unknown> };
  components: { name: string; version: string; licenses?: unknown }[];
};
bill.metadata.component.name = (read(join(root, 'package.json')) as Manifest).name;
const licences = new Map(shipped.map(({ name, version, licence }) => [`${name}@${version}`, licence.name]));
for (const component of bill.components) {
  const id = licences.get(`${component.name}@${component.version}`);
  if (id !== undefined) component.licenses = [{ license: { id } }];
}
writeFileSync(join(target, 'sbom.cdx.json'), `${JSON.stringify(bill, null, 2)}\n`);
