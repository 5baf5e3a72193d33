/** The tables of docs/interop.md, from what the tests go by. */
import { abilities, type Abilities, type Encryption } from './abilities.ts';

const partners: readonly Abilities[] = Object.values(abilities);
type Cell = (partner: Abilities) => string;
const yesWhere =
  (can: (partner: Abilities) => boolean): Cell =>
  (partner) =>
    can(partner) ? 'yes' : 'not exercised';
const always: Cell = () => 'yes';

const exercised: readonly (readonly [string, Cell])[] = [
  ['AuthnRequest by HTTP-Redirect, signed', always],
  ['AuthnRequest by HTTP-POST, signed', always],
  ['Sign-in that begins with us', always],
  ['A second sign-in without a password', always],
  ['IsPassive, with a session and without', yesWhere(({ asksSilently }) => asksSilently)],
  ['ForceAuthn', yesWhere(({ forcesAuthentication }) => forcesAuthentication)],
  ['Encrypted assertion', always],
  ['Encrypted NameID', always],
  ['A Response of which one letter was changed', () => 'refused'],
  ['Sign-out that it asks for, HTTP-Redirect', yesWhere(({ signsOutBy }) => signsOutBy.includes('HTTP-Redirect'))],
  ['Sign-out that it asks for, HTTP-POST', yesWhere(({ signsOutBy }) => signsOutBy.includes('HTTP-POST'))],
  ['The same, asynchronously', yesWhere(({ asksAsynchronously }) => asksAsynchronously)],
  ['Sign-out that begins with us', always],
  ['Sign-out through all three, whoever begins', always],
  ['How we load its metadata', () => 'from its URL, regularly'],
  ['How it loads ours', ({ loadsOurs }) => loadsOurs],
  ['It takes another key, without a restart of ours', always],
  ['We take another key, without a change at its side', always],
  ['NameID that it is given by default', ({ nameIDFormat }) => nameIDFormat.replace('nameid-format:', '')],
];

const encryptions = [
  ...new Map(partners.flatMap((each) => [...each.decrypts, ...each.decryptsNot]).map((each) => [nameOf(each), each])),
];
const signatures = [
  ...new Set(partners.flatMap(({ verifies, verifiesNot, namesNot }) => [...verifies, ...verifiesNot, ...namesNot])),
];

function nameOf({ algorithm, keyTransport, digest }: Encryption): string {
  return `${algorithm}, ${keyTransport}, ${digest}`;
}

const algorithms: readonly (readonly [string, Cell])[] = [
  ...encryptions.map(([name, each]): [string, Cell] => [
    `decrypts ${name}`,
    ({ decrypts, decryptsNot }) => (decrypts.includes(each) ? 'yes' : decryptsNot.includes(each) ? 'no' : 'not tried'),
  ]),
  ...signatures.map((name): [string, Cell] => [
    `verifies ${name}`,
    ({ verifies, verifiesNot }) =>
      verifies.includes(name) ? 'yes' : verifiesNot.includes(name) ? 'no' : 'its metadata does not name it',
  ]),
];

const render = (rows: readonly (readonly [string, Cell])[]): string =>
  [
    ['', ...partners.map(({ title }) => title)],
    ['', ...partners.map(() => '')].map(() => '-'),
    ...rows.map(([name, cell]) => [name, ...partners.map(cell)]),
  ]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n');

export const tables: readonly string[] = [render(exercised), render(algorithms)];
