/** What provokes each refusal of a new password within a sign-in, for the table of all refusals. */
import type { Reason } from '../../src/refusal.ts';
import { openCutConnection } from '../fixtures/cut-connection.ts';
import { openHouse, type House, type HouseOptions } from '../fixtures/house.ts';
import { passingPeople, type PassingPeople, type PassingPerson } from '../fixtures/passing-people.ts';
import { Visitor, type Page } from '../fixtures/visitor.ts';
import type { DirectoryServer } from '../testbed/directory-server.ts';
import { openldap } from '../testbed/openldap.ts';

type Proof = () => Promise<{ readonly page: Page; readonly at: House }>;
type Refused = Extract<
  Reason,
  `new-password-${string}` | `password-change-${string}` | 'password-too-young' | 'password-refused'
>;
type Typed = Readonly<Partial<Record<'password' | 'next' | 'repeat', string>>>;

const password = 'Passw0rd!';
const next = 'Quiet-Harbour-71';

/** @param later is told what to do after all tests */
export function passwordProofs(parts: {
  server: () => DirectoryServer;
  /** Its service account is plain. */
  house: () => House;
  later: (close: () => Promise<void>) => void;
}): Readonly<Record<Refused, Proof>> {
  const { server, house, later } = parts;
  let made: PassingPeople | undefined;

  function people(): PassingPeople {
    if (made === undefined) later((made = passingPeople(server())).removeAll);
    return made;
  }
  async function another(options: HouseOptions): Promise<House> {
    const opened = await openHouse(options);
    later(() => opened.close());
    return opened;
  }
  /** Its service account sees fine-grained policies. */
  const seeing = () => another({ directory: server(), ldap: { bindDn: server().administrator } });

  async function choose(at: House, name: string, typed: Typed = {}): Promise<{ page: Page; at: House }> {
    const visitor = new Visitor(at.url);
    const signin = (await visitor.arrive()).form?.fields.signin ?? '';
    const fields = { signin, name, password, next, repeat: typed.next ?? next, ...typed };
    return { page: await visitor.post('/signin/new-password', fields), at };
  }
  const typing =
    (typed: Typed, make: () => Promise<PassingPerson> = () => people().make()): Proof =>
    async () =>
      choose(house(), (await make()).name, typed);

  async function governed(settings: Parameters<PassingPeople['govern']>[1]): Promise<PassingPerson> {
    const person = await people().make();
    await people().govern(person, settings);
    return person;
  }

  return {
    'new-password-mismatch': typing({ repeat: 'x' }),
    'new-password-same': typing({ next: password }),
    'new-password-unusable': typing({ next: '' }),
    'new-password-short': typing({ next: 'Aa1!' }),
    'new-password-simple': typing({ next: 'simplicity' }),
    'new-password-name': async () => {
      const { name } = await people().make('displayName: Wanda Warth\n');
      return choose(await seeing(), name, { next: 'Wanda-2026-x' });
    },
    'new-password-used': async () => {
      const { name } = await people().make();
      const at = await seeing();
      await choose(at, name);
      return choose(at, name, { password: next, next: password });
    },
    'password-too-young': async () => choose(await seeing(), (await governed({ minAge: 1 })).name),
    'password-refused': async () => choose(house(), (await governed({ minLength: 20 })).name),
    'password-change-forbidden': async () => {
      const person = await people().make();
      await people().forbid(person);
      return choose(house(), person.name);
    },
    'password-change-unsupported': async () => choose(await another({ directory: await openldap() }), 'pwexpired'),
    'password-change-uncertain': async () => {
      const { name } = await people().make();
      const between = await openCutConnection(server());
      later(() => between.close());
      const at = await another({ directory: server(), ldap: between.ldap });
      between.cutNext('answer');
      return choose(at, name);
    },
  };
}
