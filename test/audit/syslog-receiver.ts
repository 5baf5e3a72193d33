/** A syslog server of the tests' own, strict about RFC 6587 framing and RFC 5424. */
import assert from 'node:assert/strict';
import { createServer as createTcp, type AddressInfo, type Server, type Socket } from 'node:net';
import { createServer as createTls } from 'node:tls';

export interface SyslogMessage {
  readonly facility: number;
  readonly severity: number;
  readonly timestamp: string;
  readonly hostname: string;
  readonly application: string;
  readonly process: string;
  readonly kind: string;
  /** By SD-ID. */
  readonly data: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly text: string;
}

const printable = (most: number): string => `(-|[\\x21-\\x7e]{1,${String(most)}})`;
/** RFC 5424 §6, up to the structured data. */
const head = new RegExp(
  `^<(\\d{1,3})>1 (\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(?:\\.\\d{1,6})?(?:Z|[+-]\\d\\d:\\d\\d)) ${printable(255)} ${printable(48)} ${printable(128)} ${printable(32)} `,
);
const element = /^\[([^\s=\]"]{1,32})((?: [^\s=\]"]{1,32}="(?:[^"\\\]]|\\["\\\]])*")*)\]/;
const parameter = / ([^\s=\]"]{1,32})="((?:[^"\\\]]|\\["\\\]])*)"/g;

/** @throws AssertionError where it is none */
function parseSyslog(bytes: Buffer): SyslogMessage {
  const whole = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  const match = head.exec(whole);
  assert.ok(match !== null, whole);
  const [all, priority = '', timestamp = '', hostname = '', application = '', process = '', kind = ''] = match;
  assert.ok(Number(priority) <= 191 && !/^0\d/.test(priority));
  let rest = whole.slice(all.length);
  const data: Record<string, Record<string, string>> = {};
  for (let found = element.exec(rest); found !== null; found = element.exec(rest)) {
    const [text, id = '', parameters = ''] = found;
    assert.ok(data[id] === undefined, `twice ${id}`);
    data[id] = Object.fromEntries(
      [...parameters.matchAll(parameter)].map(([, name = '', value = '']) => [name, value.replace(/\\(["\\\]])/g, '$1')]),
    );
    rest = rest.slice(text.length);
  }
  assert.ok(Object.keys(data).length > 0, 'no structured data');
  assert.ok(rest.startsWith(' '), rest);
  const message = rest.slice(1);
  // §6.4: what is UTF-8 beyond ASCII begins with its mark.
  assert.equal(message.startsWith('\uFEFF'), /[^\p{ASCII}]/u.test(message.replace(/^\uFEFF/, '')));
  const text = message.replace(/^\uFEFF/, '');
  return {
    ...{ facility: Number(priority) >> 3, severity: Number(priority) & 7, timestamp, hostname, application, process, kind },
    data,
    text,
  };
}

export interface SyslogReceiver {
  readonly port: number;
  readonly messages: readonly SyslogMessage[];
  /** What was wrong with what came. */
  readonly complaints: readonly string[];
  /** Ends every connection. */
  cut(): void;
  close(): Promise<void>;
}

/** @param port 0 for any */
export async function startSyslogReceiver(
  options: { tls?: { key: string; cert: string }; port?: number } = {},
): Promise<SyslogReceiver> {
  const messages: SyslogMessage[] = [];
  const complaints: string[] = [];
  const sockets = new Set<Socket>();
  function receive(socket: Socket): void {
    sockets.add(socket);
    let waiting = Buffer.alloc(0);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
    socket.on('data', (bytes: Buffer) => {
      waiting = Buffer.concat([waiting, bytes]);
      try {
        for (;;) {
          const start = waiting.indexOf(' ');
          if (start === -1) {
            assert.ok(waiting.length < 10 && /^\d*$/.test(waiting.toString('latin1')), 'no length');
            return;
          }
          const length = waiting.toString('latin1', 0, start);
          // RFC 6587 §3.4.1: NONZERO-DIGIT *DIGIT.
          assert.match(length, /^[1-9]\d{0,8}$/);
          const end = start + 1 + Number(length);
          if (waiting.length < end) return;
          messages.push(parseSyslog(waiting.subarray(start + 1, end)));
          waiting = waiting.subarray(end);
        }
      } catch (error) {
        complaints.push(error instanceof Error ? error.message : 'unknown');
        socket.destroy();
      }
    });
  }
  const server: Server = options.tls === undefined ? createTcp(receive) : createTls(options.tls, receive);
  server.on('tlsClientError', () => undefined);
  await new Promise<void>((resolve) => server.listen(options.port ?? 0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    messages,
    complaints,
    cut() {
      for (const socket of sockets) socket.destroy();
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
