/** What of a report drift is measured by. */
import type { Advice, AdvisedForest } from './advice.ts';

export interface Measured extends Pick<Advice, 'made' | 'configured' | 'people'> {
  readonly forests: {
    readonly forests: readonly { readonly domains: readonly Pick<AdvisedForest['domains'][number], 'dnsDomain'>[] }[];
  };
}
