/** Which groups are worth bringing, and what to name them by: the questions in their order, and what the figures answer. */
import { counted, figure } from '../figures.ts';
import type { Survey } from '../../directory/survey/survey.ts';
import type { Decision, DecisionStep } from '../advice.ts';
import { type FilterChoice, type Families, leftOut } from './group-filter.ts';
import type { NamedGroups } from './name-groups.ts';

export interface GroupChoice extends FilterChoice {
  readonly naming: 'cn' | 'mail';
  readonly decision: Decision;
}

const step = (question: string, options: readonly string[], taken: string, because: string): DecisionStep => ({
  question,
  options: options.map((answer) => ({ answer, taken: answer === taken })),
  because,
});

/**
 * What a name is worth: for how many groups it gives an address that neither another group nor a person has.
 * @param held addresses that people have
 * @param primary the domain that follows a cn
 */
export function decideGroups(
  survey: Survey,
  families: Families,
  byName: Readonly<Record<'cn' | 'mail', NamedGroups>>,
  held: ReadonlySet<string>,
  primary: string,
): GroupChoice {
  const { groups } = survey;
  /** Places of those that such a filter would find, and that are of that kind. */
  const found = (choice: FilterChoice, isOne: (place: number) => boolean = () => true): readonly number[] =>
    groups.flatMap((group, place) => (leftOut(group, families.of[place], choice) === undefined && isOne(place) ? [place] : []));
  const everything = { domainLocal: true, distribution: true };
  const named = (by: 'cn' | 'mail', places: readonly number[]): number =>
    places.filter((place) => byName[by].outcomes[place] === 'mapped' && !held.has(byName[by].addresses[place] ?? '')).length;

  const ofScope = (...scopes: readonly (string | undefined)[]): readonly number[] =>
    found(everything, (place) => scopes.includes(groups[place]?.scope));
  const local = ofScope('domain local').length;
  const wide = ofScope('global', 'universal').length;
  const unscoped = ofScope(undefined).length;
  const isScoped = local + wide > 0;
  const domainLocal = isScoped && wide === 0 && unscoped === 0;
  const scopes = {
    wide: 'global and universal',
    all: 'domain local too',
    none: 'there are no scopes',
  } as const;
  const scopeStep = step(
    'Which scopes?',
    Object.values(scopes),
    domainLocal ? scopes.all : isScoped ? scopes.wide : scopes.none,
    isScoped
      ? `${counted(wide, 'group with members is', 'groups with members are')} global or universal, ${figure(local)} domain local` +
          `${unscoped === 0 ? '' : `, ${figure(unscoped)} without a scope`}. ` +
          (domainLocal
            ? 'Since all people stand in domain local groups, these are all that could be brought.'
            : 'Domain local groups grant access to what lies in their own domain, which Google does not know.')
      : unscoped === 0
        ? 'There is no group with members, but for those that the system made.'
        : `None of ${counted(unscoped, 'group', 'groups')} with members has a groupType that says one.`,
  );

  const lists = found({ domainLocal, distribution: true }, (place) => groups[place]?.type === 'distribution');
  const addressed = named('mail', lists);
  const distribution = lists.length > 0 && addressed * 2 > lists.length;
  const listStep = step(
    'Distribution lists too?',
    ['yes', 'no', 'there are none'],
    lists.length === 0 ? 'there are none' : distribution ? 'yes' : 'no',
    lists.length === 0
      ? 'No group that could be brought is a distribution list.'
      : `${figure(addressed)} of ${counted(lists.length, 'distribution list', 'distribution lists')} with members ${addressed === 1 ? 'has' : 'have'} an e-mail address in your domains: ` +
          (distribution
            ? 'most can go on receiving mail as Google groups.'
            : 'most could receive none in Google, and they grant access to nothing.'),
  );

  const brought = found({ domainLocal, distribution });
  const cn = named('cn', brought);
  const mail = named('mail', brought);
  const naming = mail >= cn ? 'mail' : 'cn';
  const answers = { mail: 'mail', cn: `cn and ${primary}` } as const;
  const nameStep = step(
    'By which name?',
    Object.values(answers),
    answers[naming],
    brought.length === 0
      ? 'No group is worth bringing.'
      : `Of ${counted(brought.length, 'group that is', 'groups that are')} worth bringing, ${figure(mail)} ${mail === 1 ? 'has' : 'have'} an address of their own by mail, ${figure(cn)} by cn.` +
          (naming === 'mail'
            ? ' Where as many have one, mail is taken: it is meant to be unique, while a cn is so within its organisational unit alone.'
            : ''),
  );

  const ready = naming === 'mail' ? mail : cn;
  const rest = brought.length - ready;
  const outcome =
    brought.length === 0
      ? 'There is no group worth bringing.'
      : `Bring ${counted(brought.length, 'group', 'groups')} by ${answers[naming]}` +
        (rest === 0
          ? '; each has an address of its own.'
          : `; ${counted(rest, 'has no address of its', 'have no address of their')} own yet.`);
  return { domainLocal, distribution, naming, decision: { steps: [scopeStep, listStep, nameStep], outcome } };
}
