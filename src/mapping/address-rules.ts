/** From a value such as `alice@corp.local` to an address in the Cloud Identity account: the rules that people and groups share. */
import { Refusal, type Reason } from '../refusal.ts';
import { isMailDomain, readDomain } from './domain.ts';
import type { PreparedMapping } from './prepare-mapping.ts';

/** What one rule made of the address; a rule that changed nothing leaves no step. */
export interface MappingStep {
  /** The attribute read; then the part of the configuration, or `ascii` for the domain's ASCII form in lower case. */
  readonly rule: 'userPrincipalName' | 'mail' | 'cn' | 'substitute' | 'ascii' | 'alias' | 'letterCase';
  readonly value: string;
}

export interface MappedAddress {
  readonly address: string;
  readonly steps: readonly MappingStep[];
}

// RFC 5322 §3.2.3 dot-atom-text. Wider than what Google gives to people, narrower than what SMTP allows: no quoted strings.
const dotAtom = /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/;
const longest = { source: 1_024, local: 64, address: 254 } as const;

/** Steps as one line, for the audit and the pages: `mail a@corp.example → substitute a@example.com`. */
export function describeSteps(steps: readonly MappingStep[]): string {
  return steps.map((step) => `${step.rule} ${step.value.slice(0, longest.source)}`).join(' → ');
}

/** The local part and the domain, at the last @. */
export function splitAddress(address: string): readonly [local: string, domain: string] {
  const at = address.lastIndexOf('@');
  return at === -1 ? [address, ''] : [address.slice(0, at), address.slice(at + 1)];
}

class Path {
  readonly steps: MappingStep[] = [];

  get value(): string {
    return this.steps.at(-1)?.value ?? '';
  }

  go(rule: MappingStep['rule'], value: string): void {
    if (value !== this.value) this.steps.push({ rule, value });
  }

  refuse(reason: Reason, because: string): Refusal {
    return new Refusal(reason, { steps: describeSteps(this.steps), because });
  }
}

/**
 * The address that the value comes to, taken as it stands (no trimming). In this order: one substitution of its domain (domains
 * compare in lower-case ASCII; what a substitution gives is not substituted again); validity as an e-mail address; membership in
 * the account's domains; alias to the domain it stands for; letter case before the @. The domain of the address is always
 * lower-case ASCII and always a primary or secondary domain.
 * @param rule where the value comes from, for the steps
 * @throws Refusal not-an-email-address, address-not-in-domains; `detail.steps` says how far it came, `detail.because` what stood in
 *   the way
 */
export function followRules(rule: MappingStep['rule'], value: string, { letterCase, tables }: PreparedMapping): MappedAddress {
  const path = new Path();
  path.go(rule, value);
  if (value.length > longest.source) throw path.refuse('not-an-email-address', 'it is too long');

  const [local, written] = splitAddress(value);
  const origin = readDomain(written);
  const substitute = origin && tables.substitutes.get(origin.ascii);
  if (substitute !== undefined) path.go('substitute', `${local}@${substitute}`);

  const domain = substitute === undefined ? origin : readDomain(substitute);
  if (domain === undefined || !isMailDomain(domain)) {
    throw path.refuse('not-an-email-address', 'what follows the last @ is not a domain name');
  }
  if (!dotAtom.test(local)) throw path.refuse('not-an-email-address', 'what precedes the last @ is not an ASCII dot-atom');
  if (local.length > longest.local) throw path.refuse('not-an-email-address', 'more than 64 characters precede the @');
  path.go('ascii', `${local}@${domain.ascii}`);

  const destination = tables.destinations.get(domain.ascii);
  if (destination === undefined) {
    throw path.refuse('address-not-in-domains', `${domain.ascii} is no primary, secondary or alias domain`);
  }
  path.go('alias', `${local}@${destination}`);
  if (letterCase === 'lower') path.go('letterCase', `${local.toLowerCase()}@${destination}`);
  if (path.value.length > longest.address) throw path.refuse('not-an-email-address', 'it exceeds 254 characters');
  return { address: path.value, steps: path.steps };
}
