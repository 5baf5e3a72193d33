/** The best of the candidates, and the questions by which it was found. */
import type { Mapping } from '../mapping/prepare-mapping.ts';
import type { CandidateName, Decision, DecisionStep } from './advice.ts';
import { counted, figure } from './figures.ts';
import type { Judgement, Outcome } from './mapping-advice-judge.ts';

interface Choice {
  readonly best: Judgement;
  readonly decision: Decision;
}

/** Of people: those who have both UPN and mail, and those of them whose are the same. */
export interface Likeness {
  readonly both: number;
  readonly same: number;
}

type Source = Mapping['source'];

const sourceWords: Readonly<Record<Source, string>> = { userPrincipalName: 'UPN', mail: 'mail' };
const candidateWords: Readonly<Record<Exclude<CandidateName, 'configured'>, string>> = {
  upn: 'UPN',
  mail: 'mail',
  'upn-substituted': 'UPN with substitution',
  'mail-substituted': 'mail with substitution',
};

const isSubstituted = ({ substitute }: Mapping): boolean => Object.entries(substitute).some(([from, to]) => from !== to);
const wordsOf = ({ candidate: { name, mapping } }: Judgement): string =>
  name === 'configured'
    ? `as configured (${sourceWords[mapping.source]}${isSubstituted(mapping) ? ' with substitution' : ''})`
    : candidateWords[name];

const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0);
const of = ({ candidate }: Judgement, ...outcomes: readonly Outcome[]): number =>
  sum(outcomes.map((outcome) => candidate.outcomes.person[outcome]));
const outside = (judgement: Judgement): number => of(judgement, 'foreignDomain', 'consumerDomain', 'unregistrableDomain');

/** People who would not come in: refused here, without an account since Google makes none of such an address, or in for another. */
const missing = (judgement: Judgement): number =>
  sum(Object.values(judgement.candidate.outcomes.person)) -
  of(judgement, 'mapped') +
  judgement.candidate.againstGuidelines.length +
  judgement.unregistrable;

const people = (count: number): string => counted(count, 'person', 'people');

/** Asks of UPN and mail alike. @param without how many people lack it, by source */
function askBoth(question: string, without: Readonly<Record<Source, number>>, because: string): DecisionStep {
  const upn = without.userPrincipalName === 0;
  const mail = without.mail === 0;
  return {
    question,
    options: [
      { answer: 'UPN and mail', taken: upn && mail },
      { answer: 'UPN alone', taken: upn && !mail },
      { answer: 'mail alone', taken: !upn && mail },
      { answer: 'neither', taken: !upn && !mail },
    ],
    because,
  };
}

/** The rules, one step each: completeness, validity, uniqueness, owned domains. */
function ruleSteps(judgements: readonly Judgement[]): readonly DecisionStep[] {
  const bestOf = (source: Source): Judgement | undefined =>
    judgements
      .filter(({ candidate }) => candidate.mapping.source === source)
      .toSorted((one, other) => missing(one) - missing(other))[0];
  const lacking = (count: (judgement: Judgement) => number): Readonly<Record<Source, number>> => {
    const by = (source: Source): number => {
      const judgement = bestOf(source);
      return judgement === undefined ? 0 : count(judgement);
    };
    return { userPrincipalName: by('userPrincipalName'), mail: by('mail') };
  };
  const empty = lacking((judgement) => of(judgement, 'withoutValue'));
  const invalid = lacking((judgement) => of(judgement, 'notAnEmailAddress') + judgement.ruledOut.size - judgement.strangers.size);
  const twice = lacking((judgement) => of(judgement, 'duplicate') + judgement.strangers.size);
  const foreign = judgements.map((judgement) => ({ judgement, count: outside(judgement) + judgement.unregistrable }));
  const owned = foreign.filter(({ count }) => count === 0).map(({ judgement }) => isSubstituted(judgement.candidate.mapping));
  return [
    askBoth(
      'Which does everybody have?',
      empty,
      `${people(empty.userPrincipalName)} without a UPN, ${people(empty.mail)} without mail.`,
    ),
    askBoth(
      'Which is an e-mail address that Google takes, for everybody who has it?',
      invalid,
      `UPN: not for ${people(invalid.userPrincipalName)}; mail: not for ${people(invalid.mail)}.`,
    ),
    askBoth(
      'Which is nobody else’s, in all forests?',
      twice,
      `UPN: ${counted(twice.userPrincipalName, 'person shares', 'people share')} theirs; mail: ${counted(twice.mail, 'person shares', 'people share')} theirs.`,
    ),
    {
      question: 'Does every address lie in a domain of the organisation?',
      options: [
        { answer: 'as it stands', taken: owned.includes(false) },
        { answer: 'with substitution', taken: !owned.includes(false) && owned.includes(true) },
        { answer: 'not everybody’s', taken: owned.length === 0 },
      ],
      because: `Outside: ${foreign.map(({ judgement, count }) => `${wordsOf(judgement)} ${figure(count)}`).join(', ')}.`,
    },
  ];
}

/** Asks among those that are level still; where one answer leaves them level, the next question is asked. */
function narrow(
  left: readonly Judgement[],
  steps: DecisionStep[],
  asked: {
    question: string;
    options: readonly [yes: string, no: string];
    because: string;
    keep: (judgement: Judgement) => boolean;
  },
): readonly Judgement[] {
  if (left.length < 2) return left;
  const kept = left.filter(asked.keep);
  const [yes, no] = asked.options;
  const options = [
    { answer: yes, taken: kept.length > 0 },
    { answer: no, taken: kept.length === 0 },
  ];
  steps.push({ question: asked.question, options, because: asked.because });
  return kept.length > 0 ? kept : left;
}

function outcomeWords(best: Judgement, total: number): string {
  const { name, mapping } = best.candidate;
  const substituted = Object.entries(mapping.substitute).filter(([from, to]) => from !== to);
  const how = substituted.map(([from, to]) => `${from} by ${to}`).toSorted();
  const refused = missing(best);
  return [
    `Map people by their ${sourceWords[mapping.source]}`,
    how.length === 0 ? '' : `, with ${how.slice(0, 5).join(', ')}${how.length > 5 ? ' and so on' : ''} substituted`,
    name === 'configured' ? ', as configured' : '',
    refused === 0 ? ': nobody would be refused.' : `: ${people(refused)} of ${figure(total)} must be mended first.`,
  ].join('');
}

const nobody: Decision = {
  steps: [
    {
      question: 'Is there anybody who may sign in?',
      options: [
        { answer: 'yes', taken: false },
        { answer: 'no', taken: true },
      ],
      because: '0 people were found.',
    },
  ],
  outcome: 'Nobody was found who may sign in: nothing speaks for another mapping than the configured one.',
};

/** @param judgements at least one, `configured` among them */
export function chooseMapping(judgements: readonly [Judgement, ...Judgement[]], { both, same }: Likeness): Choice {
  const total = sum(Object.values(judgements[0].candidate.outcomes.person));
  if (total === 0) return { best: judgements[0], decision: nobody };
  const fewest = Math.min(...judgements.map(missing));
  const fits = (judgement: Judgement): boolean => missing(judgement) === fewest;
  const steps = [
    ...ruleSteps(judgements),
    {
      question: 'Which refuses the fewest people?',
      options: judgements.map((judgement) => ({ answer: wordsOf(judgement), taken: fits(judgement) })),
      because: `Of ${people(total)}: ${judgements.map((judgement) => `${wordsOf(judgement)} ${figure(missing(judgement))}`).join(', ')}.`,
    },
  ];
  const isMostly = both > 0 && same * 2 > both;
  let left = narrow(judgements.filter(fits), steps, {
    question: 'Is one of them configured already?',
    options: ['yes: it stays', 'no'],
    because: 'What is configured stays where nothing refuses fewer: a change would only rename accounts.',
    keep: ({ candidate }) => candidate.name === 'configured',
  });
  left = narrow(left, steps, {
    question: 'Does it do without substitution?',
    options: ['yes', 'no'],
    because: 'What the directory says and what Google says stay the same where nothing is substituted.',
    keep: ({ candidate }) => !isSubstituted(candidate.mapping),
  });
  if (new Set(left.map(({ candidate }) => candidate.mapping.source)).size > 1) {
    left = narrow(left, steps, {
      question: 'Is the UPN the mail address, for most people?',
      options: isMostly ? ['yes: the UPN, which Windows asks for', 'no'] : ['no: mail, the address that people know', 'yes'],
      because:
        both === 1 && same === 1
          ? 'It is for the 1 person who has both.'
          : `It is for ${figure(same)} of ${counted(both, 'person who has', 'people who have')} both.`,
      keep: ({ candidate }) => candidate.mapping.source === (isMostly ? 'userPrincipalName' : 'mail'),
    });
  }
  const best = left[0] ?? judgements[0];
  return { best, decision: { steps, outcome: outcomeWords(best, total) } };
}
