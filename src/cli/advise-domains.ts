/** The advice on domains, for a terminal. */
import type { AdvisedDomain, DomainAdvice, DomainChoice, Exchangers, Ownership } from '../advisor/advice.ts';
import { counted, figure } from '../advisor/figures.ts';
import { alike, bullets, cut, decide, paragraph, subtitle, table, type Line, type Look } from './advise-layout.ts';

const ownerships: Readonly<Record<Ownership, string>> = {
  configured: 'the configuration names it',
  told: '--own names it',
  suffix: 'a UPN suffix of the forest',
  forest: 'a domain of the forest, or one above it',
  share: 'many people have it',
  parent: 'below a domain of the organisation',
};

const mostHosts = 3;

function describeRole({ role, target }: AdvisedDomain): string {
  if (role === 'alias') return `alias of ${target ?? 'the primary'}`;
  if (role === 'substituted') return `replaced by ${target ?? 'the primary'}`;
  return role === 'none' ? 'left out' : role;
}

function describeExchangers(exchangers: Exchangers): string {
  switch (exchangers.answer) {
    case 'found': {
      const more = exchangers.hosts.length - mostHosts;
      return exchangers.hosts.slice(0, mostHosts).join(', ') + (more > 0 ? ` and ${String(more)} more` : '');
    }
    case 'none':
      return 'takes no mail';
    case 'unknown':
      return 'not in DNS';
    case 'not asked':
      return 'not asked';
    case 'unanswered':
      return `no answer: ${exchangers.why}`;
  }
}

const dnsWords: Readonly<Record<DomainAdvice['dns'], string>> = {
  asked: 'DNS was asked who takes the mail of each.',
  'not asked': 'DNS was not asked who takes the mail of each.',
  offline: 'DNS answered nothing: who takes the mail of each is not known. Try again where DNS answers, or with --dns-server.',
};

const nameOf = ({ unicode, name }: AdvisedDomain): string => (unicode === name ? name : `${unicode} (${name})`);

const renderLeftOut = (choices: readonly DomainChoice[], look: Look): readonly Line[] =>
  alike(choices, ({ leftOut }) => leftOut.map(({ objectGUID }) => objectGUID)).flatMap((same) => [
    ...paragraph('Left out by:', 2),
    ...same.flatMap(({ name }) => paragraph(name, 4, '- ')),
    ...cut(
      same[0]?.leftOut ?? [],
      (shown) => paragraph(shown.map((one) => look.who(one)).join(', '), 6),
      look.rest('advice.json'),
      6,
    ),
  ]);

export function renderDomains(advice: DomainAdvice, look: Look): readonly Line[] {
  const { domains, choices } = advice;
  return [
    ...subtitle('In use: how many people have their UPN, mail and primary SMTP address there, and how many accounts of any kind'),
    ...cut(
      domains,
      (shown) => [
        ...table(
          [
            { head: 'Domain' },
            { head: 'UPNs', isFigure: true },
            { head: 'Mails', isFigure: true },
            { head: 'SMTP', isFigure: true },
            { head: 'Accounts', isFigure: true },
            { head: 'Kind' },
            { head: 'Becomes' },
          ],
          shown.map((domain) => [
            nameOf(domain),
            figure(domain.userPrincipalNames),
            figure(domain.mails),
            figure(domain.primarySmtps),
            figure(domain.accounts),
            domain.kind,
            describeRole(domain),
          ]),
        ),
        '',
        ...table(
          [{ head: 'Domain' }, { head: 'Why of that kind' }, { head: 'Yours because' }, { head: 'Takes its mail' }],
          shown.map((domain) => [
            domain.name,
            domain.because,
            domain.owned.map((each) => ownerships[each]).join('; ') || '-',
            describeExchangers(domain.exchangers),
          ]),
        ),
      ],
      look.rest('advice.json'),
    ),
    ...paragraph(dnsWords[advice.dns], 2),
    ...subtitle('What each choice would leave out'),
    ...table(
      [{ head: 'Choice' }, { head: 'Domains' }, { head: 'Left out', isFigure: true }],
      choices.map(({ name, domains: taken, leftOut }) => [name, shorten(taken), figure(leftOut.length)]),
    ),
    ...renderLeftOut(choices, look),
    ...subtitle('The decision'),
    ...decide(advice.decision),
    ...(advice.notes.length === 0 ? [] : ['', ...bullets(advice.notes)]),
  ];
}

const mostNames = 6;
const shorten = (names: readonly string[]): string =>
  names.length > mostNames
    ? `${names.slice(0, mostNames).join(', ')} and ${counted(names.length - mostNames, 'other', 'others')}`
    : names.join(', ');
