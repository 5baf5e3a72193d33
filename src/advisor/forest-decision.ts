/** The questions about forests on the way to the number of accounts, and what was found for each. */
import type { AdvisedForest, Decision, DecisionStep } from './advice.ts';
import type { ForestTrusts } from './forest-trusts.ts';
import { counted } from './figures.ts';
import { forestName, listed } from './forest-words.ts';

type Trust = AdvisedForest['trusts'][number];

function step(question: string, answers: readonly string[], taken: number, because: string): DecisionStep {
  return { question, options: answers.map((answer, index) => ({ answer, taken: index === taken })), because };
}

function howMany(forests: readonly AdvisedForest[]): DecisionStep {
  const others = forests.filter(({ isActiveDirectory }) => !isActiveDirectory).length;
  const which = forests.length === 1 ? ', which is' : `, of which ${counted(others, 'is', 'are')}`;
  const kinds = others === 0 ? '' : `${which} no Active Directory`;
  return step(
    'How many forests are there?',
    ['One', 'Several'],
    forests.length === 1 ? 0 : 1,
    `${counted(forests.length, 'forest')} configured${kinds}: ${listed(forests.map(forestName))}.`,
  );
}

function domainsEach(forests: readonly AdvisedForest[]): DecisionStep {
  const all = forests.reduce((sum, { domains }) => sum + domains.length, 0);
  const several = forests.filter(({ domains }) => domains.length > 1);
  const because = `${counted(all, 'domain')} in ${counted(forests.length, 'forest')}`;
  return step(
    'Has a forest several domains?',
    ['No', 'Yes'],
    several.length === 0 ? 0 : 1,
    several.length === 0
      ? `${because}.`
      : `${because}: ${listed(several.map((forest) => `${forestName(forest)} has ${String(forest.domains.length)}`))}.`,
  );
}

function allConfigured(forests: readonly AdvisedForest[]): DecisionStep {
  const domains = forests.flatMap((forest) => forest.domains);
  const missing = domains.filter(({ configured }) => !configured);
  const read = domains.length - missing.length;
  return step(
    'Is every domain of each forest configured?',
    ['Yes', 'No'],
    missing.length === 0 ? 0 : 1,
    `${String(read)} of ${counted(domains.length, 'domain')} ${read === 1 ? 'was' : 'were'} read, with ${counted(
      domains.reduce((sum, { people }) => sum + people, 0),
      'person',
      'people',
    )}${missing.length === 0 ? '.' : `; not ${listed(missing.map(({ dnsDomain }) => dnsDomain))}.`}`,
  );
}

const mirrored = { inbound: 'outbound', outbound: 'inbound', both: 'both', disabled: 'disabled' } as const;

/** Each side has an entry of the same trust. */
function withoutMirrored(trusts: readonly Trust[]): readonly Trust[] {
  const keyOf = (domain: string, partner: string, direction: Trust['direction']): string => `${domain} ${partner} ${direction}`;
  const seen = new Set<string>();
  return trusts.filter(({ domain, partner, direction }) => {
    if (seen.has(keyOf(partner, domain, mirrored[direction]))) return false;
    seen.add(keyOf(domain, partner, direction));
    return true;
  });
}

function trustOneAnother(forests: readonly AdvisedForest[], { fleets }: ForestTrusts): DecisionStep {
  const found = withoutMirrored(forests.flatMap(({ trusts }) => trusts.filter(({ kind }) => kind !== 'within')));
  const hosts = fleets.reduce((sum, { serves }) => sum + 1 + serves.length, 0);
  const joined = hosts > 1 && fleets.length === 1;
  const taken = joined ? 0 : fleets.some(({ serves }) => serves.length > 0) ? 1 : 2;
  return step(
    'Do the forests trust one another, both ways?',
    ['All through one of them', 'Some of them', 'None'],
    taken,
    found.length === 0
      ? 'No trust with another forest was found.'
      : `${counted(found.length, 'trust')} found: ${listed(
          found.map(({ domain, partner, kind, direction }) => `${domain} and ${partner} (${kind}, ${direction})`),
        )}.`,
  );
}

export function forestDecision(forests: readonly AdvisedForest[], trusts: ForestTrusts): Decision {
  const missing = forests.flatMap(({ domains }) => domains.filter(({ configured }) => !configured)).length;
  const steps = [howMany(forests), domainsEach(forests)];
  if (forests.length > 1) steps.push(trustOneAnother(forests, trusts));
  steps.push(allConfigured(forests));
  const outcome = `One Cloud Identity account and one fleet of Passerelle for ${counted(forests.length, 'forest')}`;
  return {
    steps,
    outcome:
      missing === 0
        ? `${outcome}.`
        : `${outcome}; configure ${counted(missing, 'further domain')} first, or ${missing === 1 ? 'its' : 'their'} people stay outside.`,
  };
}
