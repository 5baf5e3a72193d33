/** `passerelle demo`: everything at once on this machine, to try it in a browser. */
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { openAudit } from '../audit/open-audit.ts';
import { openLog } from '../audit/open-log.ts';
import { demoAudit } from '../demo/demo-configuration.ts';
import { startDemo } from '../demo/demo.ts';
import { parseArguments, UsageMistake, type Command } from './command.ts';

function readPort(text: string, option: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number.parseInt(text, 10) : Number.NaN;
  if (!(port <= 65_535)) throw new UsageMistake(`--${option} takes a port, 0 to 65535.`);
  return port;
}

export const command: Command = {
  name: 'demo',
  summary: 'run Passerelle with an embedded directory and a service provider to try it',
  usage: `Usage: passerelle demo [OPTIONS]

  --port PORT                   of Passerelle (8080; where it is taken, another)
  --service-provider-port PORT  of the service provider (8081; where it is taken, another)

Listens on loopback only. Keys are kept in certs/, sessions in data/, both in this folder.

Example: passerelle demo --port 9090`,
  lasts: true,
  async run(args, io) {
    const { values } = parseArguments(args, {
      port: { type: 'string', default: '8080' },
      'service-provider-port': { type: 'string', default: '8081' },
    });
    const log = openLog(io.errorLog, io.clock);
    const opened = await openAudit(demoAudit(), {
      ...{ role: 'alone', process: 'passerelle demo', log, clock: io.clock, random: io.random },
    });
    try {
      const demo = await startDemo({
        port: readPort(values.port, 'port'),
        serviceProviderPort: readPort(values['service-provider-port'], 'service-provider-port'),
        folder: io.workingDirectory,
        ...{ audit: opened.audit, journal: opened.journal, clock: io.clock, random: io.random },
      });
      // In a checkout the command is not on the PATH.
      const own = 'bin/passerelle';
      const passerelle = existsSync(join(io.workingDirectory, own)) ? own : 'passerelle';
      io.stdout(`Open ${demo.openUrl}\n`);
      io.stdout(`Sign in as ${demo.person} with password ${demo.password}\n`);
      io.stdout(`Metadata ${demo.metadataUrl}\n`);
      io.stdout(`Why was it refused? ${passerelle} explain REFERENCE --config ${demo.configurationFile}\n`);
      if (!io.signal.aborted) await once(io.signal, 'abort');
      opened.stop();
      await demo.close();
    } finally {
      await opened.close();
      await log.flush();
    }
    return 0;
  },
};
