/** `passerelle keys list`: which keys there are, what each does, and where a rollover stands. */
import { endOf } from '../keys/expiry.ts';
import type { KeyRing, NamedCertificate } from '../keys/key-ring.ts';
import { typeOfKey } from '../keys/key-type.ts';
import { nextKey } from '../passerelle/key-rollover.ts';
import type { PartyStanding } from '../signin/key-rollover.ts';
import { parseArguments, type Command } from './command.ts';
import { describeParty, describeStanding, remedyOf } from './describe-standing.ts';
import { configurationOption, configurationUsage } from './open-configuration.ts';
import { plainJson } from './plain.ts';
import { withRollover } from './with-rollover.ts';

type Listed = readonly [key: NamedCertificate, state: 'signs' | 'published' | 'on request' | 'decrypts'];

export const command: Command = {
  name: 'keys list',
  summary: 'list the keys, what each does, and where a rollover stands',
  usage: `Usage: passerelle keys list [--json] [OPTIONS]

      --json          the same for programs, with the certificates
${configurationUsage}

What a key does:
  signs       for everybody
  published   accepted by everybody as soon as they have our metadata; keys activate NAME lets it sign
  on request  signs for service providers whose settings name it, or whose metadata takes no other
  decrypts    opens what is encrypted to us; the first of them is the one that others are told of

While a published key has not signed yet, a rollover is on: it follows whether each service provider would accept what that key
signs, and what lets it.

Example: passerelle keys list`,
  run(args, io) {
    const { values } = parseArguments(args, { ...configurationOption, json: { type: 'boolean', default: false } });
    return withRollover(values.config, io, async (opened) => {
      const { ring, history } = opened;
      const next = nextKey(ring, history);
      const rollover = next && { key: next.name, standings: await opened.standings(next) };
      const keys = listedKeys(ring);
      if (values.json) {
        io.stdout(
          `${plainJson({ keys: keys.map(keyForPrograms), rollover: rollover ? rolloverForPrograms(rollover) : null })}\n`,
        );
        return 0;
      }
      const width = Math.max(...keys.map(([{ name }]) => name.length));
      for (const [key, state] of keys) io.stdout(`${key.name.padEnd(width)}  ${state.padEnd(10)}  ${describeCertificate(key)}\n`);
      if (rollover !== undefined) io.stdout(describeRollover(rollover, (await opened.store()) !== undefined));
      return 0;
    });
  },
};

const listedKeys = ({ active, published, forServiceProviders, decryption }: KeyRing): readonly Listed[] => [
  ...published.map((key): Listed => [key, key.name === active.name ? 'signs' : 'published']),
  ...forServiceProviders.map((key): Listed => [key, 'on request']),
  ...decryption.map((key): Listed => [key, 'decrypts']),
];

function describeCertificate({ certificate }: NamedCertificate): string {
  const type = typeOfKey(certificate.publicKey) ?? '';
  return `${type.padEnd(8)}  until ${new Date(endOf(certificate)).toISOString().slice(0, 10)}  SHA-256 ${certificate.fingerprint256}`;
}

interface Rollover {
  readonly key: string;
  readonly standings: readonly PartyStanding[];
}

function describeRollover({ key, standings }: Rollover, isKnown: boolean): string {
  const waiting = standings.filter(({ ready }) => !ready);
  const head =
    waiting.length === 0
      ? `Every service provider would accept what ${key} signs: passerelle keys activate ${key}`
      : `${String(waiting.length)} of ${String(standings.length)} service providers would refuse what ${key} signs`;
  const unknown = isKnown ? '' : 'There is no store yet, so that nothing is known of who fetched our metadata.\n';
  const lines = standings.map((one) => {
    const remedy = remedyOf(one, key);
    return `  ${one.ready ? '✓' : '✗'} ${describeParty(one.party)}: ${describeStanding(one.standing)}\n${remedy === undefined ? '' : `      ${remedy}\n`}`;
  });
  return `\n${head}\n${unknown}${lines.join('')}`;
}

const instant = (milliseconds: number): string => new Date(milliseconds).toISOString();

const keyForPrograms = ([{ name, certificate }, state]: Listed) => ({
  name,
  state,
  type: typeOfKey(certificate.publicKey) ?? null,
  notAfter: instant(endOf(certificate)),
  sha256: certificate.fingerprint256,
  certificate: certificate.toString(),
});

const rolloverForPrograms = ({ key, standings }: Rollover) => ({
  key,
  ready: standings.every(({ ready }) => ready),
  serviceProviders: standings.map(({ party, standing, ready }) => ({
    id: party.id,
    name: party.name,
    kind: party.kind,
    ready,
    state: standing.state,
    key: 'key' in standing ? standing.key : null,
    at: 'at' in standing ? instant(standing.at) : null,
    counts: 'counts' in standing ? instant(standing.counts) : null,
    remedy: remedyOf({ party, standing, ready }, key) ?? null,
  })),
});
