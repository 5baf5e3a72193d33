/** Judges what was found at one controller, or at a global catalog. */
import type { ControllerFacts, ReadByAccount, SaidOfItself } from '../directory/examine/examine-controller.ts';
import { tell, type Finding } from './check.ts';
import type { CheckId } from './checks.ts';
import { describeNetworkCode } from './describe-network-trouble.ts';
import { judgeCertificate } from './judge-certificate.ts';
import { judgeClock } from './judge-clock.ts';

/** What is asked of it, as the configuration says. */
export interface ControllerTerms {
  readonly baseDn: string;
  readonly bindDn: string;
  /** Milliseconds. */
  readonly clockSkew: number;
  readonly operationTimeout: number;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

export const controllerIds = [
  'directory.reachable',
  'directory.certificate',
  'clock.controllers',
  'directory.level',
  'directory.bind',
  'directory.base',
  'directory.latency',
  'directory.rights',
  'directory.privileges',
  'directory.schema',
] as const satisfies readonly CheckId[];

const slowConnection = 1_000;
const slowRead = 100;
/** MS-ADTS §6.1.4.2: of domainFunctionality. */
const SERVER_2008 = 3;
const levels = ['2000', '2003 interim', '2003', '2008', '2008 R2', '2012', '2012 R2', '2016', '2019', '2022', '2025'];
const mostNamed = 6;

const named = (names: readonly string[]): string =>
  `${names.slice(0, mostNamed).join(', ')}${names.length > mostNamed ? ` and ${String(names.length - mostNamed)} more` : ''}`;

const median = (numbers: readonly number[]): number => numbers.toSorted((one, other) => one - other)[numbers.length >> 1] ?? 0;

function judgeLevel({ name }: ControllerFacts, said: SaidOfItself): Finding {
  const check = tell('directory.level', name);
  if (!said.isActiveDirectory) return check.skipped('it is no Active Directory, and has no functional level');
  if (!said.isSynchronized) return check.warning('it is still catching up with the other controllers');
  const { domainLevel = 0, forestLevel = 0 } = said;
  const shown = (level: number): string => `Windows Server ${levels[level] ?? `of level ${String(level)}`}`;
  const words = `the domain is of the level of ${shown(domainLevel)}, the forest of ${shown(forestLevel)}`;
  return Math.min(domainLevel, forestLevel) < SERVER_2008 ? check.warning(words) : check.ok(words);
}

function judgeClockOf({ name }: ControllerFacts, said: SaidOfItself, clockSkew: number): Finding {
  const check = tell('clock.controllers', name);
  return said.ahead === undefined ? check.skipped('it does not tell the time') : judgeClock(check, said.ahead, clockSkew);
}

/** What an LDAP code says of a base (RFC 4511 §A.2). */
const describeBase = (code: number): string =>
  code === 32 ? 'is not there' : code === 50 ? 'may not be seen' : `cannot be read: LDAP code ${String(code)}`;

function judgeRead({ name }: ControllerFacts, read: ReadByAccount, terms: ControllerTerms): readonly Finding[] {
  const base = tell('directory.base', name);
  const latency = tell('directory.latency', name);
  const rights = tell('directory.rights', name);
  const privileges = tell('directory.privileges', name);
  const schema = tell('directory.schema', name);
  const time = median(read.latencies);
  const spent = `${time < 10 ? time.toFixed(1) : String(Math.round(time))} ms, the median of ${String(read.latencies.length)} reads`;
  const { groups, writable } = read.privileges;
  const more = [
    ...(groups !== undefined && groups.length > 0 ? [`it is a member of ${named(groups)}`] : []),
    ...(writable !== undefined && writable.length > 0 ? [`it may write ${named(writable)} of others`] : []),
  ];
  return [
    read.base !== 0
      ? base.problem(`${terms.baseDn} ${describeBase(read.base)}`)
      : read.entries === 0
        ? base.warning(
            `nobody is seen below ${terms.baseDn}`,
            'Look whether baseDn is right, and whether the service account may see people.',
          )
        : base.ok(`${terms.baseDn} is there, and people are in it`),
    time > slowRead ? latency.warning(spent) : latency.ok(spent),
    read.entries === 0
      ? rights.skipped('nobody is seen of whom anything could be read')
      : read.unreadable.length > 0
        ? rights.problem(`of nobody ${named(read.unreadable)} can be read`)
        : read.people.length === 0
          ? rights.problem('nobody has an objectGUID or entryUUID that can be read')
          : rights.ok(`what is needed of people can be read, of ${String(read.people.length)} that were tried`),
    more.length > 0
      ? privileges.warning(more.join('; '))
      : groups === undefined
        ? privileges.skipped('this directory does not tell what an account may do')
        : privileges.ok('it is in no group of administrators, and may write nothing of others'),
    'trouble' in read.schema
      ? schema.skipped(read.schema.trouble)
      : read.schema.unknown.length > 0
        ? schema.warning(`the schema knows no ${named(read.schema.unknown)}`)
        : schema.ok('the schema knows all attributes that the configuration names'),
  ];
}

/** The directory's room tells codes of Node.js as they are. */
const inWords = (trouble: string): string => (/^E[A-Z_]+$/.test(trouble) ? describeNetworkCode(trouble) : trouble);

export function judgeController(facts: ControllerFacts, terms: ControllerTerms): readonly Finding[] {
  const { name, protection, certificate, connected, said, bound, read, trouble: stopped = 'it says nothing' } = facts;
  const trouble = inWords(stopped);
  const [reachable, shown, bind] = [
    tell('directory.reachable', name),
    tell('directory.certificate', name),
    tell('directory.bind', name),
  ];
  const findings: Finding[] = [];
  if (connected === undefined) {
    findings.push(reachable.problem(trouble));
  } else {
    const words = `a connection stands after ${String(Math.round(connected))} ms`;
    findings.push(connected > slowConnection ? reachable.warning(words) : reachable.ok(words));
  }
  if (protection === 'none') {
    findings.push(
      /^(127\.|localhost|::1)/.test(facts.host)
        ? shown.skipped('no TLS on this machine')
        : shown.warning(
            'passwords cross the network unencrypted',
            'Use ldaps:// or startTls, for whoever listens knows everybody’s password.',
          ),
    );
  } else if (certificate === undefined) {
    findings.push(shown.skipped('it shows no certificate'));
  } else {
    const { issuer, notAfter, problem } = certificate;
    findings.push(judgeCertificate(shown, { issuer, notAfter: Date.parse(notAfter), trouble: problem }, terms.now));
  }
  if (said !== undefined) findings.push(judgeClockOf(facts, said, terms.clockSkew), judgeLevel(facts, said));
  if (bound === 'bound') findings.push(bind.ok(`${terms.bindDn} is let in`));
  if (bound === 'refused') findings.push(bind.problem(`${terms.bindDn} is refused: ${trouble}`));
  if (bound === undefined && connected !== undefined)
    findings.push(
      bind.problem(
        `it takes a connection and answers nothing: ${trouble}`,
        'Look whether the directory service there hangs; sign-ins go to the others meanwhile.',
      ),
    );
  if (bound === 'not tried')
    findings.push(bind.skipped('another controller refused the account, and one more wrong password might lock it'));
  if (read !== undefined) findings.push(...judgeRead(facts, read, terms));
  else if (bound === 'bound')
    findings.push(
      tell('directory.latency', name).problem(`reads are not answered within ${String(terms.operationTimeout)} ms: ${trouble}`),
    );
  const seen = new Set(findings.map(({ id }) => id));
  const why =
    connected === undefined
      ? 'it takes no connection'
      : bound === 'bound' || bound === undefined
        ? 'it does not answer'
        : 'the account is not let in';
  return [...findings, ...controllerIds.filter((id) => !seen.has(id)).map((id) => tell(id, name).skipped(why))];
}

export function judgeCatalog({ name, connected, said, read, trouble }: ControllerFacts): Finding {
  const check = tell('directory.catalog', name);
  if (connected === undefined || read === undefined)
    return check.problem(`it does not serve: ${trouble === undefined ? 'the account was not tried there' : inWords(trouble)}`);
  if (said?.isGlobalCatalog !== true) return check.problem('it says that it is no global catalog');
  return check.ok('it is a global catalog, and lets the account in');
}
