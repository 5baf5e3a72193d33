/** Compares our clock with those of the controllers and of the time servers of this machine. */
import { askTime } from './ask-time.ts';
import { tell, type Finding, type Probe } from './check.ts';
import { judgeClock } from './judge-clock.ts';
import type { World } from './world.ts';

const mostAsked = 4;

async function lookAtTimeServers({ machine, configuration, clock, random }: World): Promise<readonly Finding[]> {
  const servers = machine.timeServers.slice(0, mostAsked);
  const check = tell('clock.ntp');
  if (servers.length === 0) return [check.skipped('this machine names no time servers that could be asked')];
  const asked = await Promise.allSettled(servers.map((server) => askTime(server, { clock, nonce: random(8) })));
  const answered = asked.flatMap((one, place) =>
    one.status === 'fulfilled' ? [judgeClock(tell('clock.ntp', servers[place]), one.value, configuration.clockSkew)] : [],
  );
  if (answered.length > 0) return answered;
  return [check.warning(`none of ${servers.join(', ')} answers from here, so that nobody knows whether our clock is right`)];
}

export const clockProbes = (world: World): readonly Probe[] => [{ ids: ['clock.ntp'], run: () => lookAtTimeServers(world) }];
