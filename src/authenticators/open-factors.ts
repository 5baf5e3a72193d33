/** Opens the factors that the configuration names. */
import type { Clock, Random } from '../clock.ts';
import type { Configuration } from '../config/read-configuration.ts';
import type { Directory } from '../directory/directory.ts';
import type { Enroller, Factor } from './authenticator.ts';
import { openDuo } from './duo/open-duo.ts';
import type { EnrolmentRecords } from './enrolments.ts';
import type { Seal } from '../keys/seal.ts';
import { openOwn } from './own/open-own.ts';
import { openRadius } from './radius/open-radius.ts';
import type { Store } from '../store/store.ts';
import { createRecoveryCodes, type RecoveryCodeIssuer } from './recovery-code.ts';
import type { Passkey } from './passkey.ts';
import { createTotpEnroller, createTotpFactor } from './totp.ts';
import { openWebauthn } from './webauthn/open-webauthn.ts';
import { openWebhook } from './webhook/open-webhook.ts';

export interface FactorParts {
  readonly enrolments: EnrolmentRecords;
  readonly directory: Pick<Directory, 'read'>;
  readonly seal: Seal;
  readonly store: Pick<Store, 'get' | 'update'>;
  readonly clock: Clock;
  readonly random: Random;
  /** Reads a file as text. @throws Error */
  readonly read: (file: string) => string;
  /** For what happens outside any request. */
  readonly note: (level: 'info' | 'warn' | 'error', message: string, detail?: Readonly<Record<string, unknown>>) => void;
}

/** Each factor, and what must be closed with the house. */
export interface OpenFactors {
  readonly factors: readonly Factor[];
  /** Of those that people set up by themselves. */
  readonly enrollers: readonly Enroller[];
  /** Undefined where there are none to be had. */
  readonly recoveryCodes: RecoveryCodeIssuer | undefined;
  /** Undefined where there are none to be had. */
  readonly passkey: Passkey | undefined;
  close(): void;
}

/** @throws Error where one cannot be opened, in words for the operator */
export async function openFactors(
  config: Pick<Configuration, 'factors' | 'publicUrl' | 'branding'>,
  parts: FactorParts,
): Promise<OpenFactors> {
  const { duo, own, radius, totp, webhook } = config.factors;
  const recoveryCodes = config.factors.recoveryCodes.enabled ? createRecoveryCodes(parts) : undefined;
  const webauthn = config.factors.webauthn.enabled
    ? openWebauthn(config.factors.webauthn, { publicUrl: config.publicUrl, name: config.branding.name }, parts)
    : undefined;
  const opened: readonly (Factor & { close?(): void })[] = [
    // One line a factor.
    ...(totp.enabled ? [createTotpFactor(parts)] : []),
    ...(webauthn === undefined ? [] : [webauthn.factor]),
    ...(recoveryCodes === undefined ? [] : [recoveryCodes.factor]),
    ...(duo === undefined ? [] : [openDuo(duo, parts)]),
    ...(radius === undefined ? [] : [openRadius(radius, { ...parts, publicUrl: config.publicUrl })]),
    ...(webhook === undefined ? [] : [openWebhook(webhook, parts)]),
    ...(own === undefined ? [] : [await openOwn(own, parts)]),
  ];
  return {
    factors: opened,
    enrollers: [
      ...(webauthn === undefined ? [] : [webauthn.enroller]),
      ...(totp.enabled ? [createTotpEnroller({ ...parts, issuer: totp.issuer ?? config.branding.name })] : []),
    ],
    recoveryCodes: recoveryCodes?.issuer,
    passkey: webauthn?.passkey,
    close() {
      for (const factor of opened) factor.close?.();
    },
  };
}
