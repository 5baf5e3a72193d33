/** Grafana, under the names of its own examples; the groups are those of `assertion_attribute_groups`. */
import type { Preset } from './preset.ts';

export const grafana: Preset = {
  attributes: {
    displayName: 'displayName',
    mail: { address: true },
    login: 'sAMAccountName',
    groups: { groups: 'name' },
  },
  nameId: { format: 'emailAddress' },
};
