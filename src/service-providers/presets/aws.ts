/** Amazon Web Services, IAM SAML federation: a group `aws-ACCOUNT-ROLE` is the role ROLE of that account. */
import type { Preset } from './preset.ts';

const nameFormat = 'uri';

export const aws: Preset = {
  attributes: {
    'https://aws.amazon.com/SAML/Attributes/Role': {
      nameFormat,
      groups: 'name',
      match: {
        pattern: 'aws-(\\d{12})-([\\w+=,.@-]{1,64})',
        becomes: 'arn:aws:iam::$1:role/$2,arn:aws:iam::$1:saml-provider/passerelle',
      },
    },
    'https://aws.amazon.com/SAML/Attributes/RoleSessionName': {
      nameFormat,
      address: true,
      // At least 2 and at most 64 characters of these.
      match: { pattern: '[\\w+=,.@-]{2,64}', becomes: '$0' },
    },
    // Seconds; a role takes an hour unless it was changed.
    'https://aws.amazon.com/SAML/Attributes/SessionDuration': { nameFormat, text: '3600' },
  },
  nameId: { format: 'persistent' },
};
