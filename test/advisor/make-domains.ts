/** Advice on domains that a test makes up. */
import type { AdvisedDomain, DomainAdvice, DomainKind } from '../../src/advisor/advice.ts';
import type { Mapping } from '../../src/mapping/prepare-mapping.ts';

const advised = (name: string, kind: DomainKind): AdvisedDomain => ({
  name,
  unicode: name,
  kind,
  because: kind,
  registrable: kind === 'public' ? name : null,
  userPrincipalNames: 0,
  mails: 0,
  primarySmtps: 0,
  accounts: 0,
  owned: [],
  role: 'none',
  target: null,
  exchangers: { answer: 'not asked' },
});

/** `example.com` is proposed, nothing is substituted, and nothing is known of other domains, unless told otherwise. */
export const makeDomains = (
  kinds: Readonly<Record<string, DomainKind>> = {},
  proposed: { readonly domains?: Partial<Mapping['domains']>; readonly substitute?: Mapping['substitute'] } = {},
): DomainAdvice => ({
  domains: Object.entries(kinds).map(([name, kind]) => advised(name, kind)),
  dns: 'not asked',
  proposed: {
    domains: { primary: 'example.com', secondary: [], aliases: {}, ...proposed.domains },
    substitute: proposed.substitute ?? {},
  },
  choices: [],
  decision: { steps: [], outcome: '' },
  notes: [],
});
