/** GitHub Enterprise Server and managed users of GitHub Enterprise Cloud. */
import type { Preset } from './preset.ts';

export const githubEnterprise: Preset = {
  attributes: { username: 'sAMAccountName', full_name: 'displayName', emails: 'mail' },
  nameId: { format: 'persistent' },
};
