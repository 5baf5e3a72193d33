/** A configuration that is ready to be taken over, by one process or by all of several. */
export interface Prepared {
  /** Takes it over, in one step. Does not reject. */
  commit(): Promise<void>;
  /** As if nothing had been prepared. */
  abandon(): Promise<void>;
}

/** Why a configuration is not taken over, in a sentence for the operator; what was in force goes on. */
export class ReloadRefused extends Error {
  override readonly name = 'ReloadRefused';
}
