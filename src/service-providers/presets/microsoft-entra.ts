/** Microsoft Entra with a federated domain: the NameID is the immutable ID, and IDPEmail the user principal name. */
import type { Preset } from './preset.ts';

export const microsoftEntra: Preset = {
  attributes: {
    IDPEmail: 'userPrincipalName',
    'http://schemas.xmlsoap.org/claims/UPN': 'userPrincipalName',
  },
  nameId: { format: 'persistent', persistent: 'immutableId' },
};
