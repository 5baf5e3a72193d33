/** Chains to a syslog server over TCP or TLS: connects again when it must, keeps what waits within bounds, and tells what was lost. */
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { causeOf, createLossCount, type Outlet, type OutletTold } from './outlets.ts';
import { syslogFrame, type Facility } from './syslog-message.ts';

export interface SyslogOutletParts {
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
  /** PEM of the authorities behind its certificate; those that Node.js trusts where undefined. */
  readonly authorities: string | undefined;
  readonly facility: Facility;
  /** Of this machine. */
  readonly hostname: string;
  readonly told: OutletTold;
  /** Milliseconds until it is tried again: doubled each time; and until a server that takes nothing is told of. */
  readonly patience?: { readonly least: number; readonly most: number; readonly still: number };
}

/** Bytes that wait at most; what comes beyond is dropped and counted. */
const mostWaiting = 8 * 1024 * 1024;
/** Bytes handed to the connection that it has not taken. */
const mostInFlight = 256 * 1024;
/** Milliseconds. */
const connectWithin = 10_000;
const flushWithin = 2_000;

export function createSyslogOutlet(parts: SyslogOutletParts): Outlet {
  const {
    host,
    port,
    tls,
    authorities,
    facility,
    hostname,
    told,
    patience = { least: 1_000, most: 60_000, still: 30_000 },
  } = parts;
  const losses = createLossCount();
  /** The first `inFlight` of them are handed to the connection, which has not said that they went. */
  const queue: Buffer[] = [];
  let waiting = 0;
  let inFlight = 0;
  let bytesInFlight = 0;
  let socket: Socket | undefined;
  let isConnected = false;
  let isDropping = false;
  let isBroken = false;
  let isClosed = false;
  let failures = 0;
  let retry: NodeJS.Timeout | undefined;
  let still: NodeJS.Timeout | undefined;
  let drained: (() => void)[] = [];

  function settle(): void {
    const told = drained;
    drained = [];
    for (const resolve of told) resolve();
  }

  function toldBroken(cause: string): void {
    if (!isBroken) told.broken(cause);
    isBroken = true;
  }

  /** Begun anew with whatever it takes. The connection stays: what it was given arrives once it reads on. */
  function watch(): void {
    clearTimeout(still);
    still = undefined;
    if (inFlight === 0) return;
    still = setTimeout(() => {
      toldBroken('it takes nothing');
    }, patience.still).unref();
  }

  function failed(of: Socket, cause: string): void {
    if (socket !== of) return;
    socket = undefined;
    isConnected = false;
    of.destroy();
    // What it did not take goes the next way, at the risk that it comes twice: its place in the chain tells.
    inFlight = 0;
    bytesInFlight = 0;
    watch();
    settle();
    if (isClosed) return;
    if (queue.length > 0 || failures > 0) toldBroken(cause);
    const wait = Math.min(patience.most, patience.least * 2 ** failures);
    failures += 1;
    retry = setTimeout(() => {
      retry = undefined;
      if (queue.length > 0) connect();
    }, wait).unref();
  }

  function connect(): void {
    const options = { host, port };
    const opened = tls
      ? connectTls({
          ...options,
          minVersion: 'TLSv1.2',
          rejectUnauthorized: true,
          ...(authorities !== undefined && { ca: authorities }),
        })
      : connectTcp(options);
    socket = opened;
    // A silent server must not keep a process from ending.
    opened.unref();
    opened.setKeepAlive(true, 30_000);
    const late = setTimeout(() => {
      failed(opened, 'ETIMEDOUT');
    }, connectWithin).unref();
    opened.once(tls ? 'secureConnect' : 'connect', () => {
      clearTimeout(late);
      isConnected = true;
      send();
    });
    opened.on('error', (error) => {
      clearTimeout(late);
      failed(opened, causeOf(error));
    });
    opened.on('close', () => {
      clearTimeout(late);
      failed(opened, 'it closed the connection');
    });
    // Nothing is expected; what comes must not fill memory.
    opened.resume();
  }

  function taken(of: Socket, bytes: number): void {
    if (socket !== of) return;
    failures = 0;
    queue.shift();
    waiting -= bytes;
    inFlight -= 1;
    bytesInFlight -= bytes;
    watch();
    if (isBroken) {
      isBroken = false;
      told.mended();
    }
    // Not before there is room again, so that what is lost lies together.
    if (isDropping && waiting <= mostWaiting / 2) {
      isDropping = false;
      const lost = losses.take();
      if (lost !== undefined) told.lost(lost);
    }
    if (queue.length === 0) settle();
    else send();
  }

  function send(): void {
    if (socket === undefined) {
      if (retry === undefined && !isClosed) connect();
      return;
    }
    const to = socket;
    if (!isConnected) return;
    for (let next = queue[inFlight]; next !== undefined && bytesInFlight < mostInFlight; next = queue[inFlight]) {
      const { length } = next;
      inFlight += 1;
      bytesInFlight += length;
      to.write(next, (error) => {
        if (error === undefined || error === null) taken(to, length);
      });
    }
    if (still === undefined) watch();
  }

  async function flush(): Promise<void> {
    if (queue.length === 0 || isBroken) return;
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const late = setTimeout(resolve, flushWithin, undefined);
    drained.push(() => {
      resolve(undefined);
    });
    send();
    await promise;
    clearTimeout(late);
  }

  return {
    take(line) {
      const frame = syslogFrame(line, { host: hostname, facility });
      if (isDropping || waiting + frame.length > mostWaiting) {
        isDropping = true;
        losses.add(line);
        return;
      }
      queue.push(frame);
      waiting += frame.length;
      send();
    },
    flush,
    async close() {
      await flush();
      isClosed = true;
      clearTimeout(retry);
      const open = socket;
      if (open === undefined) return;
      const { promise, resolve } = Promise.withResolvers<undefined>();
      const late = setTimeout(resolve, flushWithin, undefined);
      open.once('close', () => {
        resolve(undefined);
      });
      open.end();
      await promise;
      clearTimeout(late);
      open.destroy();
    },
  };
}
