/** Posts to the web hook: what is signed goes there, and an answer comes back whose head is as it must be. */
import type { IncomingMessage } from 'node:http';
import type { SecureContext } from 'node:tls';
import { createPost } from '../post.ts';
import { signatureHeader } from './signature.ts';

export interface Reply {
  readonly body: Buffer;
  readonly signature: string | undefined;
}

export interface Exchange {
  /** `body` is JSON. @throws ServiceTrouble */
  post(body: Buffer, signature: string): Promise<Reply>;
  close(): void;
}

/** Bytes. */
const longest = { head: 8_192, body: 16_384 };

function headTrouble({ statusCode, headers }: IncomingMessage): string | undefined {
  if (statusCode !== 200) return `it answers with the status ${String(statusCode)}`;
  const type = headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase();
  if (type !== 'application/json') return 'its answer is not of the type application/json';
  const encoding = headers['content-encoding'] ?? 'identity';
  return encoding.toLowerCase() === 'identity' ? undefined : 'its answer is compressed, which was not asked for';
}

/** @param parts `timeout` in milliseconds */
export function createExchange(parts: { url: string; authorities: () => SecureContext; timeout: number }): Exchange {
  const { authorities, timeout } = parts;
  const url = new URL(parts.url);
  const { post, close } = createPost({ authorities, longest, keeps: true, headTrouble });
  return {
    async post(body, signature) {
      const posted = await post(url, { 'Content-Type': 'application/json', [signatureHeader]: signature }, body, timeout);
      const header = posted.headers[signatureHeader.toLowerCase()];
      return { body: posted.body, signature: typeof header === 'string' ? header : undefined };
    },
    close,
  };
}
