/** Compiles the configured mapping once: every domain in its ASCII form, and the inverse of substitutions and aliases. */
import type { Config } from '../config/schema.ts';
import { isMailDomain, readDomain } from './domain.ts';

export type Mapping = Config['mapping'];

export interface MappingTables {
  /** Domain, then what replaces it. All domains in lower-case ASCII. */
  readonly substitutes: ReadonlyMap<string, string>;
  /** Every domain of the account, then the primary or secondary domain that it is or stands for. */
  readonly destinations: ReadonlyMap<string, string>;
  /** Every primary and secondary domain, then the spellings of all domains whose people come to lie in it. */
  readonly origins: ReadonlyMap<string, readonly string[]>;
}

export interface PreparedMapping extends Mapping {
  readonly tables: MappingTables;
}

/** Domains in the configuration that contradict each other or cannot be domains. */
export class MappingMistake extends Error {
  readonly mistakes: readonly string[];

  constructor(mistakes: readonly string[]) {
    super(mistakes.join('\n'));
    this.name = 'MappingMistake';
    this.mistakes = mistakes;
  }
}

/** Domains read once, with what is wrong about them noted. */
class Reading {
  readonly mistakes: string[] = [];
  readonly unicode = new Map<string, string>();

  /** The ASCII form; where there is none, the text itself, beside a mistake. */
  read(text: string, where: string, forMail: boolean): string {
    const domain = readDomain(text);
    if (domain === undefined || (forMail && !isMailDomain(domain))) {
      this.mistakes.push(`${where}: ${text} is not a domain name; write it in Unicode as it is displayed, or in its xn-- form`);
      return text;
    }
    this.unicode.set(domain.ascii, domain.unicode);
    return domain.ascii;
  }

  spellings(domain: string): readonly string[] {
    return [...new Set([domain, this.unicode.get(domain) ?? domain])];
  }

  /** Pairs of domains as a map; two spellings of one key must agree. */
  pairs(record: Readonly<Record<string, string>>, where: string, keysForMail: boolean): Map<string, string> {
    const map = new Map<string, string>();
    for (const [from, to] of Object.entries(record)) {
      const key = this.read(from, `${where}.${from}`, keysForMail);
      const value = this.read(to, `${where}.${from}`, true);
      if ((map.get(key) ?? value) !== value) this.mistakes.push(`${where}.${from}: the same domain stands here twice`);
      map.set(key, value);
    }
    return map;
  }
}

function destinationsOf(domains: Mapping['domains'], reading: Reading): Map<string, string> {
  const destinations = new Map<string, string>();
  const own = [domains.primary, ...domains.secondary];
  own.forEach((domain, index) => {
    const where = index === 0 ? 'mapping.domains.primary' : `mapping.domains.secondary.${index - 1}`;
    const name = reading.read(domain, where, true);
    destinations.set(name, name);
  });
  const holders = new Set(destinations.keys());
  for (const [alias, target] of reading.pairs(domains.aliases, 'mapping.domains.aliases', true)) {
    if (holders.has(alias)) {
      reading.mistakes.push(`mapping.domains.aliases: ${alias} is a primary or secondary domain, so that it cannot be an alias`);
    } else if (!holders.has(target)) {
      reading.mistakes.push(`mapping.domains.aliases: ${alias} stands for ${target}, which is no primary or secondary domain`);
    }
    destinations.set(alias, target);
  }
  return destinations;
}

function originsOf(
  substitutes: ReadonlyMap<string, string>,
  destinations: ReadonlyMap<string, string>,
  reading: Reading,
): Map<string, readonly string[]> {
  const origins = new Map<string, readonly string[]>();
  // A domain of the account that is itself substituted holds nobody of its own name any more.
  for (const domain of new Set([...destinations.keys(), ...substitutes.keys()])) {
    const destination = destinations.get(substitutes.get(domain) ?? domain);
    if (destination === undefined) continue;
    origins.set(destination, [...(origins.get(destination) ?? []), ...reading.spellings(domain)]);
  }
  return origins;
}

/**
 * The mapping with its tables. Hand the result to mapAddress and sourcesOf in place of the configuration.
 * @throws MappingMistake where domains are not domain names or contradict each other
 */
export function prepareMapping(mapping: Mapping | PreparedMapping): PreparedMapping {
  if ('tables' in mapping) return mapping;
  const reading = new Reading();
  const destinations = destinationsOf(mapping.domains, reading);
  const substitutes = reading.pairs(mapping.substitute, 'mapping.substitute', false);
  if (reading.mistakes.length > 0) throw new MappingMistake(reading.mistakes);
  return { ...mapping, tables: { substitutes, destinations, origins: originsOf(substitutes, destinations, reading) } };
}
