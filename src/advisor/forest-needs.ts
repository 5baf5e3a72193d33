/** How many accounts, instances and fleets the forests need, each with its reason in figures. */
import type { Survey } from '../directory/survey/survey.ts';
import type { ForestAdvice, Needed } from './advice.ts';
import type { ForestTrusts } from './forest-trusts.ts';
import { counted } from './figures.ts';
import { listed } from './forest-words.ts';

const nameAt = ({ forests, domains }: Survey, forest: number): string =>
  forests[forest]?.name ?? domains.find((domain) => domain.forest === forest)?.baseDn ?? 'a directory without a name';

function accounts({ forests }: Survey): Needed {
  const because =
    forests.length === 1
      ? 'One forest: one account holds all of its people.'
      : `An account may have several SSO profiles, so that ${counted(forests.length, 'forest')} need no accounts of their own.`;
  return {
    count: 1,
    because: `${because} Further ones are only needed where organisations must be administered or billed apart.`,
  };
}

function syncInstances({ forests, domains }: Survey): Needed {
  const several = forests.filter((_, index) => domains.filter(({ forest }) => forest === index).length > 1);
  const each = `Google Cloud Directory Sync reads one forest an instance: ${counted(forests.length, 'forest')}, ${counted(forests.length, 'instance')}.`;
  const catalogs = `${counted(several.length, 'forest has', 'forests have')} several domains, which it reads by a global catalog; that shows whole only the members of universal groups.`;
  return { count: forests.length, because: several.length === 0 ? each : `${each} ${catalogs}` };
}

function signInFleets(survey: Survey, { fleets, trusts }: ForestTrusts): Needed {
  const others = survey.forests.filter(({ isActiveDirectory }) => !isActiveDirectory).length;
  if (fleets.length === 0) {
    return {
      count: 1,
      because: `AD FS needs an Active Directory to stand in: one made for it, with ${counted(others, 'LDAP directory', 'LDAP directories')} as local claims ${others === 1 ? 'provider' : 'providers'}.`,
    };
  }
  const serving = fleets.filter(({ serves }) => serves.length > 0);
  const shared = serving.map(
    ({ host, serves }) =>
      `A fleet in ${nameAt(survey, host)} serves ${listed(serves.map((each) => nameAt(survey, each)))} too: it trusts them, so that their people may authenticate there, and they trust it, so that AD FS may read them.`,
  );
  const lone = fleets.length - serving.length;
  const oneWay = fleets.flatMap(({ host }, index) =>
    fleets.slice(index + 1).flatMap(({ host: other }) => {
      const [there, back] = [trusts(host, other), trusts(other, host)];
      if (there === back) return [];
      const [trusting, trusted] = there ? [host, other] : [other, host];
      return [
        `${nameAt(survey, trusting)} trusts ${nameAt(survey, trusted)} one way alone: an AD FS in ${nameAt(survey, trusting)} would let the people of ${nameAt(survey, trusted)} in and could not read their attributes.`,
      ];
    }),
  );
  const apart =
    fleets.length === 1 && lone === 1
      ? 'There is one forest of Active Directory, which one fleet serves.'
      : lone === 0
        ? ''
        : `${counted(lone, 'forest has', 'forests have')} no fleet of another forest to go to: a two-way forest trust is missing, and ${lone === 1 ? 'it needs its own' : 'each needs its own'}.`;
  const ldap =
    others === 0
      ? ''
      : `${counted(others, 'LDAP directory', 'LDAP directories')} would join a fleet as local claims ${others === 1 ? 'provider' : 'providers'}.`;
  return {
    count: fleets.length,
    because: [...shared, apart, ...oneWay.slice(0, 20), ldap].filter((part) => part !== '').join(' '),
  };
}

/** Passerelle binds in each forest itself, and asks for no trust. */
function passerelle({ forests, domains }: Survey): Needed {
  return {
    count: 1,
    because: `It binds in each forest by a service account there and needs no trust: one fleet serves ${counted(forests.length, 'forest')} with ${counted(domains.length, 'configured domain')}.`,
  };
}

export const forestNeeds = (
  survey: Survey,
  trusts: ForestTrusts,
): Pick<ForestAdvice, 'accounts' | 'syncInstances' | 'signInFleets' | 'passerelle'> => ({
  accounts: accounts(survey),
  syncInstances: syncInstances(survey),
  signInFleets: signInFleets(survey, trusts),
  passerelle: passerelle(survey),
});
