/** Workforce identity federation of Google Cloud, with the claim that Google's own guides map `google.groups` from. */
import type { Preset } from './preset.ts';

export const googleWorkforce: Preset = {
  attributes: { 'http://schemas.microsoft.com/ws/2008/06/identity/claims/groups': { groups: 'name' } },
  nameId: { format: 'emailAddress' },
};
