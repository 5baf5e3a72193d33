/** One keep-alive connection to the server: as lean as a browser can be, since it shares the machine with what it measures. */
import { connect, type Socket } from 'node:net';

export interface Reply {
  readonly status: number;
  /** Header lines as they came. */
  readonly head: string;
  readonly body: string;
}

export interface Connection {
  /** One request after the other. @throws Error where the server gives no whole answer */
  ask(method: 'GET' | 'POST', path: string, headers: string, body?: string): Promise<Reply>;
  close(): void;
}

interface Waiting {
  resolve(reply: Reply): void;
  reject(error: Error): void;
}

/** Knows what the server sends: a Content-Length on every answer. */
export function createConnection(host: string, port: number): Connection {
  let socket: Socket | undefined;
  let received = '';
  let waiting: Waiting | undefined;

  function take(): void {
    const end = received.indexOf('\r\n\r\n');
    if (end < 0) return;
    const head = received.slice(0, end);
    const length = Number(/^content-length: *(\d+)$/im.exec(head)?.[1]);
    if (!Number.isInteger(length)) {
      socket?.destroy(new Error('an answer without Content-Length'));
      return;
    }
    if (received.length < end + 4 + length) return;
    const body = received.slice(end + 4, end + 4 + length);
    received = received.slice(end + 4 + length);
    if (/^connection: *close$/im.test(head)) {
      socket?.destroy();
      socket = undefined;
      received = '';
    }
    const asked = waiting;
    waiting = undefined;
    asked?.resolve({ status: Number(head.slice(9, 12)), head, body });
  }

  function open(): Socket {
    const opened = connect({ host, port, noDelay: true });
    // One character a byte, so that Content-Length counts characters.
    opened.setEncoding('latin1');
    opened.on('data', (chunk: string) => {
      received += chunk;
      take();
    });
    const fail = (error: Error): void => {
      if (socket !== opened) return;
      socket = undefined;
      received = '';
      waiting?.reject(error);
      waiting = undefined;
    };
    opened.on('error', fail);
    opened.on('close', () => {
      fail(new Error('the server closed the connection'));
    });
    return opened;
  }

  return {
    ask(method, path, headers, body = '') {
      return new Promise((resolve, reject) => {
        socket ??= open();
        waiting = { resolve, reject };
        const length = method === 'POST' ? `Content-Length: ${String(body.length)}\r\n` : '';
        socket.write(`${method} ${path} HTTP/1.1\r\nHost: ${host}:${String(port)}\r\n${headers}${length}\r\n${body}`, 'latin1');
      });
    },
    close() {
      const open = socket;
      socket = undefined;
      open?.destroy();
    },
  };
}
