/** What only the rooms that use a configuration find wrong with it, and what it needs that the machine has not. */
import { readFileSync } from 'node:fs';
import { openAuthorities } from '../authenticators/certificate/open-authorities.ts';
import { AuthorityMistake } from '../authenticators/certificate/read-certificates.ts';
import { KerberosUnavailable, verifyKerberosPackage } from '../authenticators/kerberos/acceptor.ts';
import { loadOwn, OwnFactorMistake } from '../authenticators/own/load-own.ts';
import { readMakers } from '../authenticators/webauthn/verify-maker.ts';
import type { Configuration } from '../config/read-configuration.ts';
import { MappingMistake, prepareMapping } from '../mapping/prepare-mapping.ts';
import { createRegistry, RegistryMistake } from '../service-providers/registry.ts';
import type { Io } from './command.ts';

/** A sentence each. */
export async function findContradictions(
  configuration: Configuration,
  io: Pick<Io, 'clock' | 'stderr'>,
): Promise<readonly string[]> {
  return [...contradictions(configuration, io), ...(await absences(configuration)), ...(await ownMistakes(configuration, io))];
}

/** What only the rooms that use the configuration can find wrong with it. */
function contradictions(configuration: Configuration, io: Pick<Io, 'clock'>): readonly string[] {
  const found: string[] = [];
  try {
    prepareMapping(configuration.mapping);
  } catch (error) {
    if (!(error instanceof MappingMistake)) throw error;
    found.push(...error.mistakes);
  }
  try {
    createRegistry(configuration.serviceProviders, { read: (path) => readFileSync(path, 'utf8'), now: io.clock.now() });
  } catch (error) {
    if (!(error instanceof RegistryMistake)) throw error;
    found.push(error.message);
  }
  try {
    openAuthorities(configuration.certificate?.authorities ?? [], (path) => readFileSync(path, 'utf8'));
    const { caFile } = configuration.factors.webauthn;
    if (caFile !== undefined) readMakers(caFile, readFileSync(caFile, 'utf8'));
  } catch (error) {
    if (!(error instanceof AuthorityMistake)) throw error;
    found.push(error.message);
  }
  return found;
}

/** What the configuration needs and the machine has not. */
async function absences({ kerberos }: Configuration): Promise<readonly string[]> {
  try {
    if (kerberos !== undefined) await verifyKerberosPackage();
    return [];
  } catch (error) {
    if (!(error instanceof KerberosUnavailable)) throw error;
    return [error.message];
  }
}

/** What is wrong with the operator's own factor, which is opened for that, and closed. */
async function ownMistakes({ factors: { own } }: Configuration, io: Pick<Io, 'stderr'>): Promise<readonly string[]> {
  if (own === undefined) return [];
  try {
    const module = await loadOwn(own, { note: (level, message) => io.stderr(`${level}: ${message}\n`) });
    module.close();
    return [];
  } catch (error) {
    if (!(error instanceof OwnFactorMistake)) throw error;
    return [error.message];
  }
}
