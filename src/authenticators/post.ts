/** Posts to a service that judges a factor and takes its answer within bounds: one time limit for all of it, nothing followed, nothing unpacked. */
import {
  Agent as PlainAgent,
  request as plainRequest,
  type ClientRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
} from 'node:http';
import { Agent as TlsAgent, request as tlsRequest } from 'node:https';
import type { SecureContext } from 'node:tls';
import { timeLimit } from '../directory/time-limit.ts';

/** The service did not answer, or answered what cannot be trusted; in words for the audit that hold nothing of what was sent. */
export class ServiceTrouble extends Error {
  override readonly name = 'ServiceTrouble';
  /** It may be over in a moment: nothing was answered, as while the service is started anew. */
  readonly isPassing: boolean;

  constructor(message: string, isPassing = false) {
    super(message);
    this.isPassing = isPassing;
  }
}

export interface Posted {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface Post {
  /** @param within milliseconds for all of it. @throws ServiceTrouble */
  readonly post: (url: URL, headers: Readonly<Record<string, string>>, body: Buffer, within: number) => Promise<Posted>;
  /** Waits for no answer any more. */
  readonly close: () => void;
}

/** Kept ones. */
const most = { connections: 32, idle: 8 };

/** Codes of Node and OpenSSL say what happened and hold nothing else, as their messages may. */
const codeOf = (error: Error): string => ('code' in error && typeof error.code === 'string' ? error.code : 'no code');

export function createPost(parts: {
  /** Who vouches for the service. @throws Error, its message fit for the log */
  authorities: () => SecureContext;
  /** Bytes of an answer's head and of its body. */
  longest: { readonly head: number; readonly body: number };
  /** Whether a connection is kept for the next time; what meets a closed one is then posted twice. */
  keeps: boolean;
  /** What is wrong with the head of an answer, before the rest of it is read. */
  headTrouble?: (head: IncomingMessage) => string | undefined;
}): Post {
  const { authorities, longest, keeps, headTrouble } = parts;
  const tooLong = `its answer is longer than ${String(longest.body)} bytes`;
  const pooled = { keepAlive: keeps, maxSockets: most.connections, maxFreeSockets: most.idle };
  const plain = new PlainAgent(pooled);
  let secured: { readonly context: SecureContext; readonly agent: TlsAgent } | undefined;
  const ends = new Set<(why: string) => void>();
  let isClosed = false;

  /** @throws Error */
  function agentFor(isTls: boolean, isAgain: boolean): PlainAgent {
    if (!isTls) return isAgain ? new PlainAgent() : plain;
    const context = authorities();
    // Said, so that nothing in the environment has any certificate do.
    const trusting = { secureContext: context, rejectUnauthorized: true };
    if (isAgain) return new TlsAgent(trusting);
    if (secured?.context !== context) secured = { context, agent: new TlsAgent({ ...pooled, ...trusting }) };
    return secured.agent;
  }

  function send(url: URL, headers: Readonly<Record<string, string>>, body: Buffer, isAgain: boolean): ClientRequest {
    const isTls = url.protocol === 'https:';
    const request = (isTls ? tlsRequest : plainRequest)(url, {
      method: 'POST',
      agent: agentFor(isTls, isAgain),
      maxHeaderSize: longest.head,
      headers: { 'Content-Length': body.length, Accept: 'application/json', 'User-Agent': 'Passerelle', ...headers },
    });
    request.end(body);
    return request;
  }

  function post(...[url, headers, body, within]: Parameters<Post['post']>): Promise<Posted> {
    const { promise, resolve, reject } = Promise.withResolvers<Posted>();
    let stage = 'take the connection';
    let current: ClientRequest | undefined;
    let isOver = false;
    const finish = (): void => {
      isOver = true;
      callOff();
      ends.delete(fail);
    };
    const fail = (why: string, isPassing = false): void => {
      if (isOver) return;
      finish();
      reject(new ServiceTrouble(why, isPassing));
      current?.destroy();
    };
    const callOff = timeLimit(within, () => fail(`it did not ${stage} within ${String(within)} ms`, true));
    ends.add(fail);

    const take = (response: IncomingMessage): void => {
      stage = 'end its answer';
      const { statusCode = 0, headers: told } = response;
      const trouble = headTrouble?.(response) ?? (Number(told['content-length'] ?? 0) > longest.body ? tooLong : undefined);
      if (trouble !== undefined) {
        fail(trouble, statusCode >= 500);
        return;
      }
      const chunks: Buffer[] = [];
      let length = 0;
      response.on('data', (chunk: Buffer) => {
        length += chunk.length;
        if (length > longest.body) fail(tooLong);
        else chunks.push(chunk);
      });
      response.on('error', (error) => fail(`it broke off its answer (${codeOf(error)})`, true));
      response.on('end', () => {
        if (isOver) return;
        finish();
        resolve({ status: statusCode, headers: told, body: Buffer.concat(chunks) });
      });
    };
    const attempt = (isAgain: boolean): void => {
      let request: ClientRequest;
      try {
        request = send(url, headers, body, isAgain);
      } catch (error) {
        fail(error instanceof Error ? error.message : 'it cannot be asked');
        return;
      }
      current = request;
      request.on('finish', () => (stage = 'begin its answer'));
      request.on('response', take);
      request.on('error', (error) => {
        // A connection that was kept may have been closed at the other end just then; the request may come twice.
        if (!isOver && !isAgain && request.reusedSocket && stage !== 'end its answer') attempt(true);
        else fail(`the connection failed (${codeOf(error)})`, true);
      });
    };
    attempt(false);
    return promise;
  }

  return {
    post: (...asked) => (isClosed ? Promise.reject(new ServiceTrouble('it is not asked any more')) : post(...asked)),
    close() {
      isClosed = true;
      for (const end of ends) end('it was not waited for any longer');
      plain.destroy();
      secured?.agent.destroy();
    },
  };
}
