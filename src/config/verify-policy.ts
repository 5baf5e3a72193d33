/** The rules about the policy: each rule can be met, and none is shadowed. */
import { textAt, textsAt, type Findings } from './findings.ts';
import { parseNetwork } from './network-list.ts';
import type { Path, Settings } from './settings.ts';

const section = 'policy';

/** Where it is configured whether there is such a thing; passwords always are. */
const sections: Readonly<Record<string, Path>> = {
  kerberos: ['kerberos'],
  certificate: ['certificate'],
  radius: ['factors', 'radius'],
  webhook: ['factors', 'webhook'],
  duo: ['factors', 'duo'],
  own: ['factors', 'own'],
};
/** On unless it is said otherwise. */
const switches: Readonly<Record<string, Path>> = {
  totp: ['factors', 'totp', 'enabled'],
  webauthn: ['factors', 'webauthn', 'enabled'],
  passkey: ['factors', 'webauthn', 'enabled'],
  'recovery-code': ['factors', 'recoveryCodes', 'enabled'],
};
/** They tell others of the person, or send them messages, or are kept for when all else is lost: not for whoever types a name. */
const neverFirst: ReadonlySet<string> = new Set(['recovery-code', 'webhook', 'duo']);

function isThere(settings: Settings, name: string): boolean {
  const switched = switches[name];
  if (switched !== undefined) return settings.at(switched) !== false;
  const path = sections[name];
  return path === undefined || settings.has(path);
}

function verifyRequire(settings: Settings, findings: Findings, at: Path): void {
  const sets = settings.at(at);
  if (!Array.isArray(sets)) return;
  const seen = new Map<string, number>();
  for (const index of sets.keys()) {
    for (const { text, path } of textsAt(settings, [...at, index])) {
      if (!isThere(settings, text)) {
        const where = (switches[text] ?? sections[text] ?? []).join('.');
        findings.mistake(path, 'is required, and not configured', `Configure ${where}, or leave it out here.`);
      }
      if (index === 0 && neverFirst.has(text)) {
        findings.mistake(
          path,
          'cannot come first, when nobody is known yet',
          'Put a set with password, kerberos, certificate, passkey, totp or webauthn before it.',
        );
      }
      if (index === 0 && text === 'radius' && settings.at(['factors', 'radius', 'start']) === 'push') {
        findings.mistake(
          path,
          'cannot come first with factors.radius.start: push',
          'Strangers would have messages sent to whomever they name. Put a set with password, kerberos or certificate before it.',
        );
      }
      const before = seen.get(text);
      // A passkey is two factors by itself; of anything else one piece would fill two sets.
      if (before !== undefined && before !== index && text !== 'passkey') {
        findings.mistake(path, 'stands in two sets of one rule, and would fill both', 'Name it in one of them.');
      }
      seen.set(text, index);
    }
  }
}

export function verifyPolicy(settings: Settings, findings: Findings): void {
  const rules = settings.at([section]);
  if (!Array.isArray(rules)) return;
  const names = new Map<string, number>();
  let last: number | undefined;
  for (const index of rules.keys()) {
    const at: Path = [section, index];
    if (last !== undefined) {
      findings.warning(at, 'is never reached', `Rule ${String(last + 1)} has no condition and always fits. Put it last.`);
    }
    const hasRequire = settings.has([...at, 'require']);
    if (hasRequire === settings.has([...at, 'refuse'])) {
      findings.mistake(at, 'needs either require or refuse', 'require: [[password], [totp, webauthn]], or refuse: true.');
    }
    verifyRequire(settings, findings, [...at, 'require']);
    const name = textAt(settings, [...at, 'name']);
    if (name !== undefined && names.has(name))
      findings.mistake([...at, 'name'], 'stands twice', 'The audit tells rules by name.');
    if (name !== undefined) names.set(name, index);
    for (const { text, path } of textsAt(settings, [...at, 'when', 'networks'])) {
      if (parseNetwork(text) === undefined)
        findings.mistake(path, 'must be an IP address or a network in CIDR form', 'Such as 10.0.0.0/8 or fd00::/8.');
    }
    const when = settings.at([...at, 'when']);
    const isUnconditional = when === undefined || (typeof when === 'object' && when !== null && Object.keys(when).length === 0);
    if (isUnconditional) last ??= index;
  }
}
