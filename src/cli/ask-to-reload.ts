/** Asks every Passerelle that runs by a configuration to take over what changed. */
import type { Configuration } from '../config/read-configuration.ts';
import { askControl, type Asked } from '../serve/ask-control.ts';
import type { ReloadAnswer } from '../serve/control-answers.ts';
import type { Io } from './command.ts';

/** What each process on that folder of keys answered; none where none runs. */
export function askToReload(
  { keys }: Pick<Configuration, 'keys'>,
  io: Pick<Io, 'doing'>,
): Promise<readonly Asked<ReloadAnswer>[]> {
  io.doing('waiting until the running Passerelle has taken it over');
  return askControl(keys.folder, 'reload');
}
