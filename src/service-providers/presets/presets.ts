/** All presets, by the names of the configuration. */
import type { PresetName } from '../../config/release-schema.ts';
import { atlassian } from './atlassian.ts';
import { aws } from './aws.ts';
import { githubEnterprise } from './github-enterprise.ts';
import { googleWorkforce } from './google-workforce.ts';
import { google } from './google.ts';
import { grafana } from './grafana.ts';
import { microsoftEntra } from './microsoft-entra.ts';
import type { Preset } from './preset.ts';
import { slack } from './slack.ts';

export const presets: Readonly<Record<PresetName, Preset>> = {
  google,
  'google-workforce': googleWorkforce,
  aws,
  'microsoft-entra': microsoftEntra,
  'github-enterprise': githubEnterprise,
  slack,
  atlassian,
  grafana,
};
