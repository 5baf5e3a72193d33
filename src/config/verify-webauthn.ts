/** The rules about security keys: a domain that browsers take for ours, and makers that can be known. */
import { isIP } from 'node:net';
import { textAt, textsAt, urlAt, type Findings } from './findings.ts';
import { readCertificates, type Named } from './named-file.ts';
import type { Settings } from './settings.ts';

const section = ['factors', 'webauthn'] as const;

export function verifyWebauthn(settings: Settings, findings: Findings): void {
  const host = urlAt(settings, ['publicUrl'], ['https:', 'http:'])?.hostname;
  // Whoever says nothing of keys needs no word about them.
  if (host === undefined || !settings.has([...section]) || settings.at([...section, 'enabled']) === false) return;
  if (isIP(host.replaceAll(/[[\]]/g, '')) !== 0) {
    findings.warning(
      [...section],
      'cannot be used at an IP address',
      'Browsers bind keys to a host name. Give publicUrl one; on this machine alone, localhost.',
    );
  }
  const rpId = textAt(settings, [...section, 'rpId'])?.toLowerCase();
  if (rpId !== undefined && rpId !== host && !host.endsWith(`.${rpId}`)) {
    findings.mistake(
      [...section, 'rpId'],
      'is neither the host of publicUrl nor a parent of it',
      `Leave it out, or write ${host}.`,
    );
  } else if (rpId !== undefined && rpId !== host && !rpId.includes('.')) {
    findings.mistake([...section, 'rpId'], 'is a domain of everybody’s', 'Browsers take none under which strangers have theirs.');
  }
  const isAsked = textAt(settings, [...section, 'attestation']) === 'direct';
  const hasMakers = settings.has([...section, 'caFile']);
  const models = textsAt(settings, [...section, 'aaguids']);
  if (hasMakers && !isAsked)
    findings.mistake([...section, 'caFile'], 'needs attestation: direct', 'Without it no key says who made it.');
  if (models.length === 0) return;
  if (!isAsked)
    findings.mistake([...section, 'aaguids'], 'needs attestation: direct', 'Without it keys do not say which model they are.');
  else if (!hasMakers) {
    findings.warning(
      [...section, 'aaguids'],
      'believes what keys say of themselves',
      'Name the makers’ certificates in caFile, so that a model is more than a claim.',
    );
  }
}

/** The file that the section names. */
export async function verifyWebauthnFiles(named: Named): Promise<void> {
  await readCertificates(named, [...section, 'caFile']);
}
