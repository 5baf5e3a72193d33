/** `passerelle start`: serves what the configuration says until it is asked to stop. */
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { openLog } from '../audit/open-log.ts';
import { createAudit } from '../audit/pino-audit.ts';
import { describeMistake } from '../config/configuration-mistakes.ts';
import { publishedUrls } from '../config/published-urls.ts';
import { serve } from '../serve.ts';
import { membershipOf } from '../workers/cluster.ts';
import { serveAsWorker } from '../workers/serve-as-worker.ts';
import { serveTogether } from '../workers/serve-together.ts';
import { parseArguments, type Command } from './command.ts';
import { configurationOption, configurationUsage, openConfiguration } from './open-configuration.ts';

export const command: Command = {
  name: 'start',
  summary: 'serve sign-ins until stopped by SIGTERM or Ctrl+C',
  usage: `Usage: passerelle start [--config FILE]

${configurationUsage}

Makes a signing key at the first start. The log goes to standard output, one event a line.

Example: passerelle start --config /etc/passerelle/passerelle.yaml`,
  async run(args, io) {
    const { values } = parseArguments(args, configurationOption);
    const { configuration, warnings, file } = await openConfiguration(values.config, io);
    const { clock, random, signal } = io;
    const setVariable = io.setVariable.bind(io);
    const log = openLog(io.log, clock);
    const audit = createAudit({ level: configuration.log.level, destination: log, clock });
    const membership = membershipOf(io.environment);
    if (membership !== undefined) {
      await serveAsWorker(configuration, { membership, audit, clock, random, setVariable, signal });
      return 0;
    }
    for (const warning of warnings) audit.note('warn', describeMistake(file, warning));
    const { origin, metadata } = publishedUrls(configuration);
    const workers = configuration.workers === 'auto' ? availableParallelism() : configuration.workers;
    const tellStarted = (port: number): void => {
      audit.note('info', 'started', { publicUrl: origin, metadata, port, ...(workers > 1 && { workers }) });
    };
    if (workers > 1) {
      return (await serveTogether(configuration, { workers, log, audit, clock, signal, started: tellStarted })) ? 0 : 1;
    }
    const serving = await serve(configuration, { audit, clock, random, setVariable });
    tellStarted(serving.port);
    if (!signal.aborted) await once(signal, 'abort');
    audit.note('info', 'stopping');
    await serving.close();
    return 0;
  },
};
