/**
 * The other side of Passerelle's web hook, complete: it takes questions, verifies who asks, shows them to people on a page that
 * stands for their phone, and signs its answers. It keeps everything in memory and knows nobody: put your own in place of both.
 *
 * SECRET=… PORT=8090 node server.js
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { createServer } from 'node:http';

const secret = process.env.SECRET ?? '';
const port = Number(process.env.PORT ?? 8090);
if (secret.length < 32) throw new Error('SECRET must have 32 characters or more');

const most = 16_384;
const fiveMinutes = 300;
const forgetAfter = 600_000;

/** @typedef {{ person: string, serviceProvider: string, number: string | null, chosen: string | null, answer: 'pending' | 'approved' | 'denied' }} Waiting */
/** By the id of the challenge. @type {Map<string, Waiting>} */
const waiting = new Map();

/** @param {string} prefix @param {string} body */
const sign = (prefix, body) => createHmac('sha256', secret).update(`${prefix}.${body}`).digest('hex');

/** Whether the signature is over this time and body, and the time is now. @param {string} header @param {string} body */
function isSigned(header, body) {
  const parts = header.split(',').map((part) => part.trim());
  const time = parts.find((part) => part.startsWith('t='))?.slice(2) ?? '';
  if (!/^\d{1,12}$/.test(time) || Math.abs(Date.now() / 1_000 - Number(time)) > fiveMinutes) return false;
  const expected = Buffer.from(sign(time, body));
  // One for each secret: while it is changed, one of them is ours.
  return parts
    .filter((part) => part.startsWith('v1='))
    .map((part) => Buffer.from(part.slice(3)))
    .some((one) => one.length === expected.length && timingSafeEqual(one, expected));
}

/** @param {import('node:http').IncomingMessage} request */
async function read(request) {
  let body = '';
  for await (const chunk of request.setEncoding('utf8')) {
    body += String(chunk);
    if (body.length > most) throw new Error('too long');
  }
  return body;
}

/**
 * What is answered to a question; see docs/webhook.md.
 *
 * @typedef {{ request: string, action: string, id: string, person: { userPrincipalName: string } | null, serviceProvider: string, number: string | null }} Question
 * @param {Question} question
 */
function answer({ action, id, person, serviceProvider, number }) {
  switch (action) {
    case 'enrolled':
      return { id, answer: 'enrolled' };
    case 'begin':
      // Nobody has a phone: the question is answered like any other, and shown to no one.
      if (person === null) return { id, answer: 'pending' };
      // The same question may come twice, where the first answer was lost.
      if (!waiting.has(id)) {
        const { userPrincipalName } = person;
        waiting.set(id, { person: userPrincipalName, serviceProvider, number, chosen: null, answer: 'pending' });
        setTimeout(() => waiting.delete(id), forgetAfter).unref();
      }
      return { id, answer: 'pending' };
    case 'poll': {
      if (person === null) return { id, answer: 'pending' };
      const asked = waiting.get(id);
      if (asked?.answer === 'approved') return { id, answer: 'approved', number: asked.chosen };
      return { id, answer: asked?.answer ?? 'denied' };
    }
    case 'cancel':
      waiting.delete(id);
      return { id, answer: 'denied' };
    default:
      return { id, answer: 'unavailable' };
  }
}

/** @param {string} text */
const escape = (text) => text.replaceAll(/[&<>"']/g, (sign) => `&#${String(sign.charCodeAt(0))};`);

/** The page that stands for a person's phone. @param {string} person */
function phone(person) {
  const forms = [...waiting].filter(([, asked]) => asked.person === person && asked.answer === 'pending');
  const rows = forms.map(
    ([id, { serviceProvider }]) => `<form method="post" action="/phone">
<p>Sign in to ${escape(serviceProvider)}? Type the number that your screen shows.</p>
<input type="hidden" name="id" value="${escape(id)}"><input name="number" inputmode="numeric">
<button name="answer" value="approved">It is me</button><button name="answer" value="denied">It is not me</button></form>`,
  );
  return `<!doctype html><title>Phone</title>${rows.join('\n') || '<p>Nobody asks.</p>'}`;
}

/** @param {import('node:http').IncomingMessage} request @param {import('node:http').ServerResponse} response */
async function serve(request, response) {
  const url = new URL(request.url ?? '/', 'http://localhost');
  try {
    if (request.method === 'POST' && url.pathname === '/passerelle') {
      const body = await read(request);
      if (!isSigned(String(request.headers['passerelle-signature'] ?? ''), body)) {
        response.writeHead(401).end();
        return;
      }
      const question = /** @type {Question} */ (JSON.parse(body));
      const text = JSON.stringify(answer(question));
      response.writeHead(200, {
        'Content-Type': 'application/json',
        'Passerelle-Signature': `v1=${sign(question.request, text)}`,
      });
      response.end(text);
      return;
    }
    // A real phone proves whose it is; this page takes anybody's word for it.
    if (request.method === 'POST' && url.pathname === '/phone') {
      const typed = new URLSearchParams(await read(request));
      const asked = waiting.get(typed.get('id') ?? '');
      // Once: else every number could be tried until one is right.
      if (asked?.answer === 'pending') {
        asked.chosen = typed.get('number');
        // Another number than the screen shows: somebody else's sign-in.
        const isTheirs = asked.number === null || asked.chosen === asked.number;
        asked.answer = typed.get('answer') === 'approved' && isTheirs ? 'approved' : 'denied';
      }
      response.writeHead(303, { Location: '/phone' }).end();
      return;
    }
    response.writeHead(200, { 'Content-Type': 'text/html; charset=utf-8' }).end(phone(url.searchParams.get('person') ?? ''));
  } catch {
    response.writeHead(400).end();
  }
}

const server = createServer((request, response) => void serve(request, response));

// Behind a proxy that speaks TLS, unless it runs beside Passerelle.
server.listen(port, '127.0.0.1', () => {
  const address = server.address();
  const at = typeof address === 'object' && address !== null ? address.port : port;
  process.stdout.write(`listening on http://127.0.0.1:${String(at)}/passerelle\n`);
});
