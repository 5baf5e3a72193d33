/** `passerelle start`: serves what the configuration says until it is asked to stop. */
import { once } from 'node:events';
import { createAudit } from '../audit/pino-audit.ts';
import { describeMistake } from '../config/configuration-mistakes.ts';
import { publishedUrls } from '../config/published-urls.ts';
import { serve } from '../serve.ts';
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
    const audit = createAudit({ level: configuration.log.level, destination: io.log, clock: io.clock });
    for (const warning of warnings) audit.note('warn', describeMistake(file, warning));
    const serving = await serve(configuration, {
      audit,
      clock: io.clock,
      random: io.random,
      setVariable: io.setVariable.bind(io),
    });
    const { origin, metadata } = publishedUrls(configuration);
    audit.note('info', 'started', { publicUrl: origin, metadata, port: serving.port });
    if (!io.signal.aborted) await once(io.signal, 'abort');
    audit.note('info', 'stopping');
    await serving.close();
    return 0;
  },
};
