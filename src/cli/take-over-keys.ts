/** After a change of keys: has every Passerelle that runs take it over, and says what came of it. */
import type { Configuration } from '../config/read-configuration.ts';
import { askToReload } from './ask-to-reload.ts';
import type { Io } from './command.ts';

/** Such as `Taken over by 1 process, without a restart.`; what did not work is said on standard error. @returns the exit code */
export async function takeOverKeys(configuration: Pick<Configuration, 'keys'>, io: Io): Promise<number> {
  const asked = await askToReload(configuration, io);
  if (asked.length === 0) {
    io.stderr('No Passerelle runs here that could take it over now: it counts from the next start or `passerelle reload` on.\n');
    return 0;
  }
  let failed = 0;
  for (const one of asked) {
    const trouble = 'trouble' in one ? one.trouble : one.answer.result === 'refused' ? one.answer.why : undefined;
    if (trouble === undefined) continue;
    failed += 1;
    io.stderr(`The Passerelle of process ${String(one.pid)} did not take it over: ${trouble} Then: passerelle reload\n`);
  }
  const done = asked.length - failed;
  if (done > 0) io.stderr(`Taken over by ${String(done)} process${done === 1 ? '' : 'es'}, without a restart.\n`);
  return failed > 0 ? 1 : 0;
}
