/** `passerelle start`: serves what the configuration says until it is asked to stop. */
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { openAudit } from '../audit/open-audit.ts';
import { openLog } from '../audit/open-log.ts';
import { describeMistake } from '../config/configuration-mistakes.ts';
import { publishedUrls } from '../config/published-urls.ts';
import { serve } from '../serve.ts';
import { operate, type Running } from '../serve/operate.ts';
import { createSource } from '../serve/source.ts';
import { membershipOf } from '../workers/cluster.ts';
import { serveAsWorker } from '../workers/serve-as-worker.ts';
import { serveTogether } from '../workers/serve-together.ts';
import { parseArguments, type Command, type Io } from './command.ts';
import { configurationNamed, configurationOption, configurationUsage } from './open-configuration.ts';

/** SIGHUP, from now on: one that comes before anybody listens is told then. */
function heardEarly(io: Pick<Io, 'onHangup'>): Io['onHangup'] {
  let listening: (() => void) | undefined;
  let isMissed = false;
  io.onHangup(() => {
    isMissed = listening === undefined;
    listening?.();
  });
  return (listener) => {
    listening = listener;
    if (isMissed) listener();
    return () => {
      listening = undefined;
    };
  };
}

export const command: Command = {
  name: 'start',
  summary: 'serve sign-ins until stopped by SIGTERM or Ctrl+C',
  usage: `Usage: passerelle start [--config FILE]

${configurationUsage}

Makes a signing key at the first start. The log goes to standard output, one event a line. A changed configuration is taken
over as its file changes (unless \`reload.watch\` is false), upon SIGHUP, and by \`passerelle reload\`.

Example: passerelle start --config /etc/passerelle/passerelle.yaml`,
  lasts: true,
  async run(args, io) {
    const { values } = parseArguments(args, configurationOption);
    const { clock, random, signal, pid, runtime } = io;
    const setVariable = io.setVariable.bind(io);
    const hangups = heardEarly(io);
    const log = openLog(io.log, clock);
    const membership = membershipOf(io.environment);
    if (membership !== undefined) {
      // SIGHUP to all of them is for the one that supervises them: here it only must not end anything.
      await serveAsWorker({ membership, log, clock, random, setVariable, signal, runtime });
      await log.flush();
      return 0;
    }
    const source = createSource({ ...configurationNamed(values.config, io), environment: io.environment });
    const first = await source.read();
    const { configuration, warnings } = first;
    const workers = configuration.workers === 'auto' ? availableParallelism() : configuration.workers;
    const opened = await openAudit(configuration, {
      ...{ role: workers > 1 ? 'supervisor' : 'alone', process: 'passerelle start', log, clock, random },
    });
    const { audit } = opened;
    const note = audit.note.bind(audit);
    for (const warning of warnings) note('warn', describeMistake(source.shownAs, warning));
    const started = async (port: number, running: Running): Promise<() => Promise<void>> => {
      const { origin, metadata } = publishedUrls(configuration);
      const stopped = await operate({ source, first, running, note, clock, random, pid, onHangup: hangups });
      note('info', 'started', { publicUrl: origin, metadata, port, ...(workers > 1 && { workers }) });
      return stopped;
    };
    try {
      if (workers > 1) return (await serveTogether(configuration, { workers, opened, clock, runtime, signal, started })) ? 0 : 1;
      const serving = await serve(configuration, {
        ...{ audit, journal: opened.journal, outlets: opened.outlets, clock, random, setVariable, runtime },
        setLevel: opened.setLevel,
        witness: opened.witness,
      });
      const stopped = await started(serving.port, {
        takeOver: async (next) => (await serving.prepare(next)).commit(),
        record: serving.audit.record.bind(serving.audit),
        processes: () => [pid],
      });
      if (!signal.aborted) await once(signal, 'abort');
      note('info', 'stopping');
      await stopped();
      opened.stop();
      await serving.close();
      return 0;
    } finally {
      await opened.close();
      await log.flush();
    }
  },
};
