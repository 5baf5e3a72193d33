/** The rules about domains: each named once, aliases of something, substitutions that end. */
import { domainToASCII } from 'node:url';
import { pairsAt, textAt, textsAt, type Findings } from './findings.ts';
import { nearest } from './nearest.ts';
import type { Path, Settings } from './settings.ts';

const domains = ['mapping', 'domains'] as const;

export function verifyDomains(settings: Settings, findings: Findings): void {
  /** ASCII form, and where it was first named. */
  const named = new Map<string, Path>();
  const ascii = (text: string, path: Path): string | undefined => {
    const form = domainToASCII(text);
    if (form !== '') return form;
    findings.mistake(path, 'is not a domain name', 'It has no form in ASCII (IDNA).');
    return undefined;
  };
  const name = (text: string, path: Path): void => {
    const form = ascii(text, path);
    if (form === undefined) return;
    const first = named.get(form);
    if (first === undefined) named.set(form, path);
    else
      findings.mistake(
        path,
        'is named twice',
        `It stands at ${first.join('.')} already; letter case and Unicode make no difference.`,
      );
  };

  const primary = textAt(settings, [...domains, 'primary']);
  if (primary !== undefined) name(primary, [...domains, 'primary']);
  for (const { text, path } of textsAt(settings, [...domains, 'secondary'])) name(text, path);
  const real = [...named.keys()];
  // Where primary could not be read, nothing can be said of what lies outside.
  const complete = primary !== undefined;

  for (const alias of pairsAt(settings, [...domains, 'aliases'])) {
    name(alias.name, alias.path);
    const target = ascii(alias.text, alias.path);
    if (target === undefined || real.includes(target) || !complete) continue;
    const meant = nearest(target, real);
    findings.mistake(
      alias.path,
      'stands for a domain that is neither primary nor secondary',
      meant === undefined ? 'Name that domain under secondary, or point the alias at one that is.' : `Did you mean ${meant}?`,
    );
  }

  const substitutions = pairsAt(settings, ['mapping', 'substitute']).map((pair) => ({
    path: pair.path,
    from: ascii(pair.name, pair.path),
    to: ascii(pair.text, pair.path),
  }));
  const replaced = new Set<string>();
  for (const { path, from, to } of substitutions) {
    if (from === undefined || to === undefined) continue;
    if (replaced.has(from)) findings.mistake(path, 'is replaced twice', 'Letter case and Unicode make no difference.');
    replaced.add(from);
    if (from === to) {
      findings.mistake(path, 'is replaced by itself', 'Leave it out.');
    } else if (substitutions.some((other) => other.from === to)) {
      findings.mistake(
        path,
        'is replaced by a domain that is replaced itself',
        'Substitution is done once: name the final domain.',
      );
    } else if (complete && !named.has(to)) {
      findings.warning(path, 'is replaced by a domain outside mapping.domains', 'Every such address will be refused.');
    }
  }
}
