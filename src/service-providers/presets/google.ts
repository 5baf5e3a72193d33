/** Google Workspace and Cloud Identity: the NameID alone, which is the primary address. */
import type { Preset } from './preset.ts';

export const google: Preset = {
  attributes: {},
  nameId: { format: 'emailAddress' },
  // Google documents 2 kB for the AttributeStatement; the smaller reading of that.
  limits: { bytes: 2_000 },
};
