/** The advice on UPN or mail, for a terminal. */
import type { AccountKind, Candidate, CandidateName, MappingAdvice, Mending, Outcomes, Trouble } from '../advisor/advice.ts';
import { counted, figure } from '../advisor/figures.ts';
import { alike, cut, decide, paragraph, subtitle, table, type Line, type Look } from './advise-layout.ts';

const outcomes: readonly (readonly [keyof Outcomes, string])[] = [
  ['mapped', 'mapped'],
  ['withoutValue', 'without value'],
  ['notAnEmailAddress', 'not an e-mail address'],
  ['foreignDomain', 'foreign domain'],
  ['consumerDomain', 'consumer domain'],
  ['unregistrableDomain', 'unregistrable domain'],
  ['duplicate', 'duplicate'],
];

const troubles: Readonly<Record<Trouble, string>> = {
  'without-value': 'no value',
  'not-an-email-address': 'no e-mail address',
  'foreign-domain': 'foreign domain',
  'consumer-domain': 'consumer domain',
  'unregistrable-domain': 'unregistrable domain',
  duplicate: 'duplicate',
  'against-guidelines': 'not to Google’s rules',
};

const candidateNames: Readonly<Record<CandidateName, string>> = {
  configured: 'configured',
  upn: 'UPN',
  mail: 'mail',
  'upn-substituted': 'UPN, subst.',
  'mail-substituted': 'mail, subst.',
};

export const kindNames: Readonly<Record<AccountKind, readonly [one: string, many: string]>> = {
  person: ['person', 'people'],
  service: ['service account', 'service accounts'],
  disabled: ['disabled account', 'disabled accounts'],
  guest: ['guest account', 'guest accounts'],
};

const others = ['service', 'disabled', 'guest'] as const;

function renderCandidates({ candidates, best, accounts }: MappingAdvice): readonly Line[] {
  const columns = [
    { head: '' },
    ...candidates.map(({ name }) => ({ head: `${candidateNames[name]}${name === best ? ' *' : ''}`, isFigure: true })),
  ];
  return table(columns, [
    ...outcomes.map(([key, words]) => [
      key === 'mapped' ? 'people mapped' : words,
      ...candidates.map((one) => figure(one.outcomes.person[key])),
    ]),
    ['mapped, but not to be given', ...candidates.map(({ againstGuidelines }) => figure(againstGuidelines.length))],
    ...others.map((kind) => [
      `${kindNames[kind][1]} mapped, of ${figure(accounts[kind])}`,
      ...candidates.map((one) => figure(one.outcomes[kind].mapped)),
    ]),
  ]);
}

/** Each list once: candidates that share it are named together. */
function renderCollisions({ candidates }: MappingAdvice, look: Look): readonly Line[] {
  const addressesOf = ({ collisions }: Candidate): readonly string[] => collisions.map(({ address }) => address);
  return alike(candidates, addressesOf).flatMap((same) => [
    ...subtitle(`Addresses that several accounts would have: ${same.map(({ name }) => candidateNames[name]).join('; ')}`),
    ...cut(
      same[0]?.collisions ?? [],
      (shown) =>
        table(
          [{ head: 'Address' }, { head: 'Who' }],
          shown.map(({ address, holders }) => [
            address,
            [
              ...holders
                .slice(0, mostHolders)
                .map((holder) => look.who(holder) + (holder.kind === 'person' ? '' : `, ${kindNames[holder.kind][0]}`)),
              ...(holders.length > mostHolders ? [`and ${figure(holders.length - mostHolders)} more`] : []),
            ].join('; '),
          ]),
        ),
      look.rest('advice.json'),
    ),
  ]);
}

const mostHolders = 5;

function renderMendings(mendings: readonly Mending[], look: Look): readonly Line[] {
  if (mendings.length === 0) return ['', ...paragraph('Nobody has to be mended.')];
  return [
    ...subtitle(
      `To mend before the switch, ${counted(mendings.length, 'value', 'values')}; a line of PowerShell for each: ${look.rest('mend.csv')}`,
    ),
    ...cut(
      mendings,
      (shown) =>
        table(
          [{ head: 'Who' }, { head: 'Trouble' }, { head: 'Attribute' }, { head: 'Now' }, { head: 'Proposed' }],
          shown.map((mending) => [
            look.who(mending),
            troubles[mending.trouble],
            mending.attribute,
            mending.now ?? '(none)',
            mending.proposed ?? '(ask)',
          ]),
        ),
      look.rest('mend.csv'),
    ),
  ];
}

export function renderMapping(advice: MappingAdvice, look: Look): readonly Line[] {
  const best = advice.candidates.find(({ name }) => name === advice.best);
  const { accounts, upnIsNotMail, mailIsNotPrimarySmtp } = advice;
  const found = advice.rules.filter(({ count }) => count > 0);
  const list = <Item>(
    words: string,
    items: readonly Item[],
    heads: readonly string[],
    cells: (item: Item) => readonly string[],
  ) =>
    items.length === 0
      ? []
      : [
          ...subtitle(`${words}: ${figure(items.length)}`),
          ...cut(
            items,
            (shown) =>
              table(
                heads.map((head) => ({ head })),
                shown.map(cells),
              ),
            look.rest('advice.json'),
          ),
        ];
  return [
    ...subtitle(
      (['person', ...others] as const).map((kind) => counted(accounts[kind], ...kindNames[kind])).join(', ') + '. Told apart by:',
    ),
    ...table(
      [{ head: 'Kind' }, { head: 'Rule' }, { head: 'Found', isFigure: true }],
      found.map(({ kind, rule, count }) => [kindNames[kind][0], rule, figure(count)]),
    ),
    ...(found.length === advice.rules.length
      ? []
      : paragraph(`and ${counted(advice.rules.length - found.length, 'rule', 'rules')} that fitted nobody`, 2)),
    ...subtitle('What becomes of everybody (* is the best)'),
    ...renderCandidates(advice),
    ...subtitle('The decision'),
    ...decide(advice.decision),
    ...renderMendings(advice.mendings, look),
    ...renderCollisions(advice, look),
    ...list(
      `Addresses not to be given, by the best (${candidateNames[advice.best]})`,
      best?.againstGuidelines ?? [],
      ['Who', 'Address', 'Because'],
      (one) => [look.who(one), one.address, one.because],
    ),
    ...list('UPN and mail differ', upnIsNotMail, ['Who', 'UPN', 'Mail'], (one) => [
      look.who(one),
      one.userPrincipalName,
      one.mail,
    ]),
    ...list(
      'Mail and the primary SMTP address of proxyAddresses differ',
      mailIsNotPrimarySmtp,
      ['Who', 'Mail', 'Primary SMTP'],
      (one) => [look.who(one), one.mail, one.primarySmtp],
    ),
  ];
}
