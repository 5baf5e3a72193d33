/** Slack, whose names are of no format. */
import type { Preset } from './preset.ts';

const nameFormat = 'unspecified';

export const slack: Preset = {
  attributes: {
    'User.Email': { nameFormat, address: true },
    'User.Username': { nameFormat, from: 'sAMAccountName' },
    first_name: { nameFormat, from: 'givenName' },
    last_name: { nameFormat, from: 'sn' },
  },
  nameId: { format: 'persistent' },
};
