/** UPN or mail, with or without substitution: the candidates side by side, and whom to mend. */
import type { AccountKind, DomainAdvice, MappingAdvice } from './advice.ts';
import { named, type Facts } from './facts.ts';
import { inOrder } from './in-order.ts';
import { candidateMappings } from './mapping-advice-candidates.ts';
import { chooseMapping, type Likeness } from './mapping-advice-choice.ts';
import { judgeCandidate, judging } from './mapping-advice-judge.ts';
import { mendingsOf } from './mapping-advice-mendings.ts';

type Unlike = Pick<MappingAdvice, 'upnIsNotMail' | 'mailIsNotPrimarySmtp'>;

const isThere = (value: string | undefined): value is string => value !== undefined && value !== '';

/** Where what a person is called by differs, letter case apart. */
function compareNames({ survey, kinds }: Facts): Unlike & Likeness {
  const upnIsNotMail: Unlike['upnIsNotMail'][number][] = [];
  const mailIsNotPrimarySmtp: Unlike['mailIsNotPrimarySmtp'][number][] = [];
  let both = 0;
  for (const [index, person] of survey.people.entries()) {
    const { userPrincipalName, mail, primarySmtp } = person;
    if (kinds[index] !== 'person' || !isThere(mail)) continue;
    if (isThere(userPrincipalName)) {
      both += 1;
      if (userPrincipalName.toLowerCase() !== mail.toLowerCase())
        upnIsNotMail.push({ ...named(survey, person), userPrincipalName, mail });
    }
    if (isThere(primarySmtp) && primarySmtp.toLowerCase() !== mail.toLowerCase())
      mailIsNotPrimarySmtp.push({ ...named(survey, person), mail, primarySmtp });
  }
  return {
    upnIsNotMail: upnIsNotMail.toSorted(inOrder),
    mailIsNotPrimarySmtp: mailIsNotPrimarySmtp.toSorted(inOrder),
    both,
    same: both - upnIsNotMail.length,
  };
}

/**
 * @param rules by which kinds of account were told apart
 * @throws MappingMistake where the configured mapping contradicts itself
 */
export function adviseMapping(facts: Facts, domains: DomainAdvice, rules: MappingAdvice['rules']): MappingAdvice {
  const parts = judging(facts, domains);
  const [configured, ...others] = candidateMappings(facts.configured, domains.proposed);
  const judgements = [judgeCandidate(configured, parts), ...others.map((candidate) => judgeCandidate(candidate, parts))] as const;
  const { upnIsNotMail, mailIsNotPrimarySmtp, ...likeness } = compareNames(facts);
  const { best, decision } = chooseMapping(judgements, likeness);
  const accounts: Record<AccountKind, number> = { person: 0, service: 0, disabled: 0, guest: 0 };
  for (const kind of facts.kinds) accounts[kind] += 1;
  return {
    candidates: judgements.map(({ candidate }) => candidate),
    best: best.candidate.name,
    decision,
    upnIsNotMail,
    mailIsNotPrimarySmtp,
    accounts,
    rules,
    mendings: mendingsOf(best, facts, domains.proposed.substitute),
  };
}
