/** All that is made of security keys and passkeys, opened as a configuration has it. */
import type { Clock, Random } from '../../clock.ts';
import type { WebauthnConfig } from '../../config/webauthn-schema.ts';
import type { Directory } from '../../directory/directory.ts';
import type { Seal } from '../../keys/seal.ts';
import type { Enroller, Factor } from '../authenticator.ts';
import type { EnrolmentRecords } from '../enrolments.ts';
import { createPasskey, type Passkey } from '../passkey.ts';
import { createWebauthn } from '../webauthn.ts';
import { createWebauthnEnroller } from '../webauthn-enroller.ts';
import { relyingPartyOf } from './relying-party.ts';
import { readMakers } from './verify-maker.ts';

export interface OpenWebauthn {
  readonly factor: Factor;
  readonly enroller: Enroller;
  readonly passkey: Passkey;
}

/**
 * @param site `publicUrl` is an origin, `name` what people see
 * @throws AuthorityMistake where the certificates cannot be read
 */
export function openWebauthn(
  config: WebauthnConfig,
  site: { readonly publicUrl: string; readonly name: string },
  parts: {
    readonly enrolments: EnrolmentRecords;
    readonly directory: Pick<Directory, 'read'>;
    readonly seal: Pick<Seal, 'derive'>;
    readonly clock: Clock;
    readonly random: Random;
    readonly read: (file: string) => string;
  },
): OpenWebauthn {
  const { seal, read } = parts;
  const { caFile, aaguids, attestation } = config;
  const party = relyingPartyOf(site.publicUrl, site.name, config);
  const admission = {
    aaguids: aaguids.map((model) => model.toLowerCase()),
    makers: caFile === undefined ? undefined : readMakers(caFile, read(caFile)),
  };
  return {
    factor: createWebauthn({ ...parts, party, secret: () => seal.derive('keys of nobody') }),
    enroller: createWebauthnEnroller({ ...parts, party, admission, attestation }),
    passkey: createPasskey({ ...parts, party }),
  };
}
