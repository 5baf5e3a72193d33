/** Looks at where events and counts go. */
import { accessSync, constants, statSync } from 'node:fs';
import { connect } from 'node:net';
import { dirname } from 'node:path';
import type { AuditConfig } from '../config/audit-schema.ts';
import { isLoopback } from '../config/loopback.ts';
import { ask, NoAnswer } from './ask.ts';
import { tell, type Finding, type Probe } from './check.ts';
import { describeNetworkTrouble } from './describe-network-trouble.ts';
import { judgeCertificate } from './judge-certificate.ts';
import { showTls } from './show-tls.ts';
import type { World } from './world.ts';

const limit = 5_000;

export function judgeOutlets({ store, stdout, file, syslog }: AuditConfig): Finding {
  const check = tell('audit.outlets');
  const outlets = [
    ...(store ? ['the store'] : []),
    ...(file === undefined ? [] : ['a file']),
    ...(syslog === undefined ? [] : ['a syslog server']),
  ];
  const all = [...outlets, ...(stdout ? ['standard output'] : [])];
  if (outlets.length === 0) return check.warning(stdout ? 'events go to standard output alone' : 'events go nowhere');
  if (!store) return check.warning(`events go to ${all.join(', ')}, and not to the store, where \`passerelle explain\` looks`);
  return check.ok(`events go to ${all.join(', ')}`);
}

/** Looked at only: nothing is written. */
export function judgeFile(path: string | undefined): Finding {
  const check = tell('audit.file');
  if (path === undefined) return check.skipped('events go to no file');
  const isThere = statSync(path, { throwIfNoEntry: false }) !== undefined;
  try {
    accessSync(isThere ? path : dirname(path), constants.W_OK);
    return check.ok(isThere ? `${path} can be written` : `${path} can be made`);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    return check.problem(code === 'ENOENT' ? `${dirname(path)} is not there` : `${path} cannot be written (${code})`);
  }
}

/** Resolves once a connection stands. @throws Error in words */
export function reach(host: string, port: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, timeout: limit });
    const end = (act: () => void): void => {
      socket.destroy();
      act();
    };
    signal.addEventListener('abort', () => end(() => reject(new Error('it does not answer in time'))), { once: true });
    socket.once('timeout', () => end(() => reject(new Error('it does not answer in time'))));
    socket.once('error', (error) => end(() => reject(new Error(describeNetworkTrouble(error)))));
    socket.once('connect', () => end(resolve));
  });
}

async function lookAtSyslog({ configuration, read, machine, clock }: World, signal: AbortSignal): Promise<Finding> {
  const check = tell('audit.syslog');
  const { syslog } = configuration.audit;
  if (syslog === undefined) return check.skipped('events go to no syslog server');
  const { protocol, hostname, port } = new URL(syslog.url);
  const host = hostname.replace(/^\[|\]$/g, '');
  const isTls = protocol === 'tls:';
  try {
    if (!isTls) {
      await reach(host, Number(port || 601), signal);
      return check.ok(`${syslog.url} takes a connection`);
    }
    const authorities = syslog.caFile === undefined ? machine.authorities : [read(syslog.caFile)];
    return judgeCertificate(
      check,
      await showTls({ host, port: Number(port || 6_514), authorities, now: clock.now(), signal }),
      clock.now(),
    );
  } catch (error) {
    return check.problem(`${syslog.url}: ${error instanceof Error ? error.message : 'it does not answer'}`);
  }
}

async function lookAtMetrics({ configuration, clock }: World, signal: AbortSignal): Promise<Finding> {
  const check = tell('audit.metrics');
  const { metrics } = configuration;
  if (metrics === undefined) return check.skipped('there is no listener for metrics');
  if (metrics.port === 0) return check.skipped('its port is a different one at each start');
  const isOpen = ['0.0.0.0', '::'].includes(metrics.host);
  const host = isOpen ? 'localhost' : metrics.host.includes(':') ? `[${metrics.host}]` : metrics.host;
  try {
    const url = `http://${host}:${String(metrics.port)}/metrics`;
    const { status, body } = await ask({ url, authorities: [], now: clock.now(), signal });
    if (status !== 200) return check.warning(`it answers with the status ${String(status)}`);
    const words = `it tells ${String(
      body
        .toString()
        .split('\n')
        .filter((line) => line !== '' && !line.startsWith('#')).length,
    )} figures`;
    return isOpen || !isLoopback(host) ? check.warning(`${words}, to whoever reaches ${metrics.host}`) : check.ok(words);
  } catch (error) {
    if (!(error instanceof NoAnswer)) throw error;
    return check.warning(`nobody answers there: ${error.message}`);
  }
}

export function auditProbes(world: World): readonly Probe[] {
  const { audit } = world.configuration;
  return [
    { ids: ['audit.outlets', 'audit.file'], run: () => Promise.resolve([judgeOutlets(audit), judgeFile(audit.file?.path)]) },
    { ids: ['audit.syslog'], run: async (signal) => [await lookAtSyslog(world, signal)] },
    { ids: ['audit.metrics'], run: async (signal) => [await lookAtMetrics(world, signal)] },
  ];
}
