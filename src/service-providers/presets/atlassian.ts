/** Atlassian Cloud: the NameID is the address, and `name` something that never changes. */
import type { Preset } from './preset.ts';

const claims = 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims';

export const atlassian: Preset = {
  attributes: {
    [`${claims}/givenname`]: 'givenName',
    [`${claims}/surname`]: 'sn',
    [`${claims}/name`]: 'objectGUID',
  },
  nameId: { format: 'emailAddress' },
};
