/** Tells the doctor, and nobody else, how a request arrived here: whoever bears no token of the sealing keys finds no such page. */
import { type NextFunction, raw, Router, type Request as HttpRequest } from 'express';
import type { Clock } from '../clock.ts';
import { paths } from '../config/published-urls.ts';
import type { Seal } from '../keys/seal.ts';
import { Refusal } from '../refusal.ts';
import { answerProof, doctorHeader, isDoctorToken } from './doctor-token.ts';
import type { Reply } from './exchange.ts';

/** What of a request is told. */
export interface Arrived {
  readonly proof: string;
  /** Milliseconds since the epoch, by the clock of the house. */
  readonly now: number;
  /** Whom the house takes it to come from. */
  readonly remoteAddress: string;
  /** The other end of the connection. */
  readonly peer: { readonly address: string; readonly port: number };
  /** X-Forwarded-For as it came; null where there is none. */
  readonly forwardedFor: string | null;
  readonly host: string | null;
  readonly origin: string | null;
  readonly fetchSite: string | null;
  readonly cookie: string | null;
  /** Characters. */
  readonly authorization: number;
  readonly url: number;
  /** Bytes. */
  readonly body: number;
}

/** The cookie that shows whether cookies come through; its attributes are those of the session's. */
export const doctorCookie = '__Host-passerelle-doctor=1; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=60';

const mostBytes = 320 * 1024;
/** Of what is told back. */
const longest = 1_024;

const told = (header: string | undefined): string | null => header?.slice(0, longest) ?? null;

export function createDoctorRoutes({ seal, clock }: { readonly seal: Seal; readonly clock: Pick<Clock, 'now'> }): Router {
  const router = Router({ caseSensitive: true, strict: true });
  const readBody = raw({ type: () => true, limit: mostBytes, inflate: false });

  /** @throws Refusal page-unknown */
  function tokenOf(req: HttpRequest): string {
    const token = req.headers[doctorHeader];
    if (!isDoctorToken(seal, token, clock.now())) throw new Refusal('page-unknown');
    return token;
  }

  router.all(
    paths.doctor,
    (req: HttpRequest, _res: Reply, next: NextFunction) => {
      // Before anything of the body is read.
      tokenOf(req);
      next();
    },
    readBody,
    (req: HttpRequest, res: Reply) => {
      const { headers, socket } = req;
      const body: unknown = req.body;
      const arrived: Arrived = {
        proof: answerProof(seal, tokenOf(req)),
        now: clock.now(),
        remoteAddress: res.locals.exchange.remoteAddress,
        peer: { address: socket.remoteAddress ?? '', port: socket.remotePort ?? 0 },
        forwardedFor: told(headers['x-forwarded-for']?.toString()),
        host: told(headers.host),
        origin: told(headers.origin),
        fetchSite: told(headers['sec-fetch-site']?.toString()),
        cookie: told(headers.cookie),
        authorization: headers.authorization?.length ?? 0,
        url: req.originalUrl.length,
        body: Buffer.isBuffer(body) ? body.length : 0,
      };
      res.setHeader('Set-Cookie', doctorCookie);
      res.setHeader('Cache-Control', 'no-store');
      res.status(200).json(arrived);
    },
  );
  return router;
}
