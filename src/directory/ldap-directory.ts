/** The people of Active Directory forests, or of an OpenLDAP that looks like one, over LDAP. */
import { noSteps } from '../audit/steps.ts';
import { Refusal } from '../refusal.ts';
import { authenticate } from './authenticate.ts';
import { changePassword } from './change-password.ts';
import { createChangedPasswords } from './changed-passwords.ts';
import type { Controllers } from './controllers.ts';
import type { Directory, Person } from './directory.ts';
import type { Domain } from './domain.ts';
import { failedPasswords } from './failed-passwords.ts';
import { findPerson } from './find-person.ts';
import { type Forest, type LdapDirectoryOptions, createForest } from './forest.ts';
import { createGroupSources } from './group-sources.ts';
import { holders } from './holders.ts';
import { createIdentityGuard } from './identity-guard.ts';
import { readPasswordPolicy } from './password-policy.ts';
import { readFurther } from './read-further.ts';
import { placeOf, readPerson } from './read-person.ts';
import { bySecurityIdentity } from './security-identity.ts';
import { formOf } from './sign-in-name.ts';
import { meansUnanswered } from './unanswered-refusal.ts';

/** Of whom a step tells. */
const identityOf = ({ objectGUID, distinguishedName, domain, server }: Person) => ({
  objectGUID,
  distinguishedName,
  domain,
  server,
});

const inCatalog = (controllers: Controllers | undefined) =>
  controllers === undefined ? [] : [{ domain: 'global catalog', controllers }];

/** @throws TypeError where there is no forest, domain or controller, or a URL of another kind */
export function createLdapDirectory(options: LdapDirectoryOptions): Directory {
  const forests: readonly Forest[] = options.forests.map((forest) => createForest(options, forest));
  const domains: readonly Domain[] = forests.flatMap((forest) => forest.domains);
  const [first] = domains;
  if (first === undefined) throw new TypeError('a directory needs at least one forest');
  const { steps = noSteps } = options;
  /** The one that was asked last. */
  let latest: Domain = first;

  const changed = createChangedPasswords(options.clock);
  const groupSources = createGroupSources(forests, options.clock);

  const guard = createIdentityGuard(forests, options.clock);

  /** The domain that holds the person: its controllers judge the password and read what is theirs. @throws Refusal person-gone */
  const domainOf = (person: Pick<Person, 'distinguishedName'>): Domain => {
    latest = placeOf(forests, person).domain;
    return latest;
  };

  /** Whoever has a new password is judged by the controller that took it. */
  const whereKnown = (person: Person): Person => ({ ...person, server: changed.serverOf(person.objectGUID) ?? person.server });

  /** The same effort for nobody: at whichever domain answers. */
  async function authenticateNobody(password: string): Promise<void> {
    for (const [index, domain] of domains.entries()) {
      try {
        await authenticate(domain, undefined, password);
        return;
      } catch (error) {
        const isLast = index === domains.length - 1;
        if (isLast || !meansUnanswered(error)) throw error;
      }
    }
  }

  return {
    find: (typed) =>
      steps.take('person', { by: 'name', name: typed, form: formOf(typed) }, async (tell) => {
        const person = await findPerson(forests, typed);
        tell(identityOf(person));
        domainOf(person);
        await guard(person, placeOf(forests, person).forest);
        return person;
      }),

    read: (known) =>
      steps.take('person', { by: 'objectGUID', objectGUID: known.objectGUID }, async (tell) => {
        const person = await readPerson(forests, known);
        tell(identityOf(person));
        return person;
      }),

    async readFurther(person, wanted) {
      const read = (known: Person) => {
        domainOf(known);
        return readFurther(known, wanted, groupSources(placeOf(forests, known), known.server));
      };
      // Whoever was moved or renamed since they were read is looked for once more.
      const further = (await read(person)) ?? (await read(await this.read(person)));
      if (further === undefined) throw new Refusal('person-gone', { server: domainOf(person).controllers.name });
      return further;
    },

    bySecurityIdentity: (wanted) =>
      steps.take('person', { by: 'certificate' }, async (tell) => {
        const found = await bySecurityIdentity(forests, wanted);
        const [only] = found;
        tell({ people: found.length, ...(only !== undefined && found.length === 1 && identityOf(only.person)) });
        for (const { person } of found) {
          domainOf(person);
          await guard(person, placeOf(forests, person).forest);
        }
        return found;
      }),

    holders: (attribute, values) =>
      steps.take('person', { by: attribute, values }, async (tell) => {
        const found = await holders(forests, attribute, values);
        const [only] = found;
        tell({ people: found.length, ...(only !== undefined && found.length === 1 && identityOf(only)) });
        return found;
      }),

    authenticate: (person, password) =>
      person === undefined
        ? authenticateNobody(password)
        : authenticate(domainOf(person), whereKnown(person), password, (server) => {
            changed.remember(person.objectGUID, server);
          }),

    async changePassword(person, current, next) {
      const domain = domainOf(person);
      const policy = () => readPasswordPolicy(domain, person);
      changed.remember(person.objectGUID, await changePassword(domain, { person: whereKnown(person), current, next }, policy));
    },

    passwordPolicy: (person) => readPasswordPolicy(person === undefined ? first : domainOf(person), person),

    failedPasswords: (person) => failedPasswords(person === undefined ? first : domainOf(person), person),

    async check() {
      // People of the others sign in while one domain is down.
      const tried = await Promise.allSettled(
        forests.flatMap((forest) => forest.domains.map((one) => forest.blamed(one.check()))),
      );
      const failed = tried.filter((one) => one.status === 'rejected');
      const fault =
        failed.find(({ reason }) => !(reason instanceof Refusal)) ?? (failed.length < tried.length ? undefined : failed[0]);
      if (fault !== undefined) throw fault.reason;
    },

    controllers: () =>
      forests.flatMap(({ domains: own, catalogs }) =>
        [
          ...own.map(({ dnsDomain, baseDn, controllers }) => ({ domain: dnsDomain ?? baseDn, controllers })),
          ...inCatalog(catalogs),
        ].flatMap(({ domain, controllers }) =>
          controllers.state().map(({ name, open, latency }) => ({ domain, server: name, up: !open, latency })),
        ),
      ),

    get server() {
      return latest.controllers.name;
    },

    close() {
      for (const forest of forests) forest.close();
      return Promise.resolve();
    },
  };
}
