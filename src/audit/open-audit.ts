/** Opens the audit trail of a process: its chain, and every outlet that the configuration names and its role gives it. */
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import type { Clock, Random } from '../clock.ts';
import type { Audit } from './audit.ts';
import { createChainEnds, type ChainEnds } from './chain-ends.ts';
import { readChainLine, type ChainLine } from './chain-line.ts';
import { createChain } from './chain.ts';
import type { EventName } from './events.ts';
import { createFileOutlet } from './file-outlet.ts';
import { readTail } from './file-tail.ts';
import { createJournalOutlet, type JournalOutlet } from './journal-outlet.ts';
import type { LineWriter } from './line-writer.ts';
import type { Outlet, OutletState, OutletTold } from './outlets.ts';
import { createAudit, isShown, type Keep, type Level } from './pino-audit.ts';
import { newReference } from './reference.ts';
import type { Facility } from './syslog-message.ts';
import { createSyslogOutlet } from './syslog-outlet.ts';

/** As much of the configuration as this is about. */
export interface AuditSettings {
  readonly log: { readonly level: Level };
  readonly audit: {
    readonly store: boolean;
    /** Milliseconds. */
    readonly retention: number;
    readonly trail: 'none' | number;
    readonly stdout: boolean;
    readonly file?: { readonly path: string; readonly megabytes: number; readonly keep: number } | undefined;
    readonly syslog?: { readonly url: string; readonly caFile?: string | undefined; readonly facility: Facility } | undefined;
  };
}

/**
 * alone: serves by itself, and has every outlet. supervisor: has every outlet but the store, and writes there what its workers do, too.
 * worker: gives all to its supervisor, but has its own way into the store. command: adds a deed of an operator to what is there.
 */
export type AuditRole = 'alone' | 'supervisor' | 'worker' | 'command';

export interface OpenedAudit {
  readonly audit: Audit;
  /** Undefined where nothing is kept in the store. */
  readonly journal: JournalOutlet | undefined;
  /** Takes a line that a worker wrote, with its end. */
  readonly line: (line: string) => void;
  /** Tells what the store holds of the chains of others, so that it would show if that went. @param texts lines, the oldest first */
  readonly witness: (texts: readonly string[]) => void;
  /** How its outlets do. Cheap. */
  readonly outlets: () => readonly OutletState[];
  /** From now on. */
  readonly setLevel: (level: Level) => void;
  /** Whatever is flushed next into the store are the last words: so that they reach one that is closed before `close`. */
  readonly stop: () => void;
  /** Ends the chain and lets go of everything. */
  readonly close: () => Promise<void>;
}

export interface AuditWorld {
  readonly role: AuditRole;
  /** What the process is called in the log, such as `worker 2` or `passerelle throttle clear`. */
  readonly process: string;
  /** Standard output, or what stands in for it. */
  readonly log: LineWriter;
  readonly clock: Clock;
  readonly random: Random;
}

const portOf = { 'tcp:': 601, 'tls:': 6514 } as const;

type Told = (outlet: 'file' | 'syslog' | 'store') => OutletTold;

function openSyslog(settings: NonNullable<AuditSettings['audit']['syslog']>, told: Told): Outlet {
  const { url, caFile, facility } = settings;
  const { protocol, hostname: host, port } = new URL(url);
  const tls = protocol !== 'tcp:';
  return createSyslogOutlet({
    host: host.replace(/^\[|\]$/g, ''),
    port: port === '' ? portOf[tls ? 'tls:' : 'tcp:'] : Number(port),
    tls,
    authorities: caFile === undefined ? undefined : readFileSync(caFile, 'utf8'),
    facility,
    hostname: hostname(),
    told: told('syslog'),
  });
}

/** What lies in the file; whether its last line is torn. What cannot be read is told by whoever writes to it. */
async function look(path: string | undefined, ends: ChainEnds): Promise<boolean> {
  try {
    return path !== undefined && (await readTail(path, ends));
  } catch {
    return false;
  }
}

/** @throws where the certificate of the syslog server's authority cannot be read */
export async function openAudit(settings: AuditSettings, world: AuditWorld): Promise<OpenedAudit> {
  const { role, log, clock, random } = world;
  const { file, syslog, stdout, store, retention, trail } = settings.audit;
  let { level } = settings.log;
  const ownsFile = role !== 'worker';
  const chain = createChain({ now: clock.now(), random });
  const ends = createChainEnds('file');
  const torn = ownsFile && (await look(file?.path, ends));
  const outlets: Outlet[] = [];
  let state: 'new' | 'begun' | 'stopping' | 'ended' = 'new';
  /** Files that were begun and have no first line yet. */
  const turns: (number | undefined)[] = [];
  let isTaking = false;

  const states = new Map<OutletState['outlet'], { up: boolean; lost: number }>();

  const told: Told = (outlet) => ({
    broken(cause) {
      stateOf(outlet).up = false;
      audit.note('error', `events do not reach the audit ${outlet}`, { cause });
    },
    mended() {
      stateOf(outlet).up = true;
      audit.note('info', `events reach the audit ${outlet} again`);
    },
    lost({ lines, chains }) {
      stateOf(outlet).lost += lines;
      tell('audit.lost', { outlet, lines, chains });
    },
  });

  function stateOf(outlet: OutletState['outlet']): { up: boolean; lost: number } {
    const state = states.get(outlet) ?? { up: true, lost: 0 };
    states.set(outlet, state);
    return state;
  }

  const keep: Keep = (text, { event, reference, person, serviceProvider, detail }, { level: severity, at }) => {
    // Later than the last words nothing can be added to the chain; it is not kept from whoever reads along.
    if (state === 'ended') return text;
    const link = chain.append(text);
    const of = { event, reference, person, serviceProvider, at };
    journal?.event(of, link.text);
    take({ ...link, ...of, level: severity, time: new Date(at).toISOString(), previous: null, detail: detail ?? {} });
    if (role === 'worker') return link.text;
    if (role === 'command') return event.startsWith('audit.') ? undefined : text;
    return stdout && isShown(severity, level) ? link.text : undefined;
  };

  function take(line: ChainLine): void {
    if (ownsFile) ends.see({ ...line, detail: line.chain === chain.id ? {} : line.detail });
    for (const outlet of outlets) outlet.take(line);
  }

  /** Each new file begins with the line that says what goes on in it, before anything else is written. */
  function makeTurns(): void {
    while (turns.length > 0 && !isTaking) {
      const [older] = turns.splice(0, 1);
      tell('audit.rotated', { ...(older !== undefined && { older }), chains: ends.tell({ ended: false }) });
    }
  }

  const plain = createAudit({ level: () => level, destination: log, clock, keep });
  function record(event: Parameters<Audit['record']>[0]): void {
    begin();
    isTaking = true;
    try {
      plain.record(event);
    } finally {
      isTaking = false;
    }
    makeTurns();
  }
  function tell(event: EventName, detail: Readonly<Record<string, unknown>>): void {
    record({ event, reference: newReference(random), detail });
  }
  function begin(): void {
    if (state !== 'new') return;
    state = 'begun';
    const chains = ends.tell({ ended: true });
    tell('audit.begun', { process: world.process, ...(torn && { torn }), chains });
  }
  function end(): void {
    if (state === 'begun' || state === 'stopping') {
      const chains = ends.tell({ ended: false }).filter((one) => one.chain !== chain.id);
      tell('audit.ended', { process: world.process, chains });
    }
    state = 'ended';
  }
  const flush = async (): Promise<void> => {
    await Promise.all([plain.flush(), ...outlets.map((outlet) => outlet.flush())]);
  };

  const audit: Audit = { record, note: plain.note.bind(plain), flush };
  const journal =
    store && role !== 'supervisor'
      ? createJournalOutlet({ retention, trail, clock, note: audit.note.bind(audit), lost: told('store').lost })
      : undefined;
  if (journal !== undefined) stateOf('store');
  if (syslog !== undefined && ownsFile) stateOf('syslog');
  if (file !== undefined && ownsFile) stateOf('file');
  if (syslog !== undefined && ownsFile) outlets.push(openSyslog(syslog, told));
  if (file !== undefined && ownsFile) {
    const isServer = role !== 'command';
    outlets.push(
      createFileOutlet({
        path: file.path,
        most: isServer ? file.megabytes * 1024 * 1024 : undefined,
        keep: file.keep,
        makes: isServer,
        clock,
        told: told('file'),
        turned(older) {
          turns.push(older);
          makeTurns();
        },
      }),
    );
  }
  if (role !== 'command') begin();

  return {
    audit,
    journal: journal && {
      ...journal,
      async flush() {
        // What is still to be told of lines that were left out belongs before the end.
        if (state === 'stopping') await journal.flush();
        if (state === 'stopping') end();
        await journal.flush();
      },
    },
    witness(texts) {
      const found = createChainEnds('store');
      for (const text of texts) {
        const line = readChainLine(text);
        if (line !== undefined && line.chain !== chain.id) found.see(line);
      }
      const chains = found.tell({ ended: true });
      if (chains.length > 0) tell('audit.witnessed', { chains });
    },
    line(line) {
      const found = readChainLine(line.trimEnd());
      if (found === undefined) {
        log.write(line);
        return;
      }
      isTaking = true;
      take(found);
      isTaking = false;
      if (stdout && isShown(found.level, level)) log.write(line);
      makeTurns();
    },
    outlets: () => [
      { outlet: 'stdout', up: true, lost: log.lost ?? 0 },
      ...[...states].map(([outlet, state]) => ({ outlet, ...state })),
    ],
    setLevel(next) {
      level = next;
    },
    stop() {
      if (state === 'begun') state = 'stopping';
    },
    async close() {
      end();
      await plain.flush();
      await Promise.all(outlets.map((outlet) => outlet.close()));
    },
  };
}
