/** By what people may prove who they are, as the configuration has it. */
import type { AuthenticatorName } from '../authenticators/authenticator.ts';
import type { Configuration } from '../config/read-configuration.ts';

export interface Ways {
  /** What a person may begin with where no rule of the policy says otherwise. */
  readonly first: readonly AuthenticatorName[];
  readonly enabled: readonly AuthenticatorName[];
}

export function configuredWays({
  kerberos,
  certificate,
  factors,
}: Pick<Configuration, 'kerberos' | 'certificate' | 'factors'>): Ways {
  const { totp, webauthn, recoveryCodes, radius, webhook, duo, own } = factors;
  const those = (entries: readonly (readonly [AuthenticatorName, boolean])[]): readonly AuthenticatorName[] =>
    entries.filter(([, isThere]) => isThere).map(([name]) => name);
  const first = those([
    ['password', true],
    ['kerberos', kerberos !== undefined],
    ['certificate', certificate !== undefined],
  ]);
  const others = those([
    ['totp', totp.enabled],
    ['webauthn', webauthn.enabled],
    ['passkey', webauthn.enabled],
    ['recovery-code', recoveryCodes.enabled],
    ['radius', radius !== undefined],
    ['webhook', webhook !== undefined],
    ['duo', duo !== undefined],
    ['own', own !== undefined],
  ]);
  return { first, enabled: [...first, ...others] };
}
