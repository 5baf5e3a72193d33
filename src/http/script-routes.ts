/** The route of the one script that is a file. */
import { Router } from 'express';
import type { Pages } from './pages.ts';

const aYear = 31_536_000;

export function createScriptRoutes({ pages }: { pages: Pick<Pages, 'keyScript'> }): Router {
  const router = Router({ caseSensitive: true, strict: true });
  const { url, content } = pages.keyScript;
  router.get(url, (_req, res) => {
    res.setHeader('Content-Type', 'text/javascript; charset=utf-8');
    res.setHeader('Cache-Control', `public, max-age=${String(aYear)}, immutable`);
    res.setHeader('Content-Length', content.length);
    res.setHeader('X-Content-Type-Options', 'nosniff');
    res.setHeader('Cross-Origin-Resource-Policy', 'same-origin');
    res.end(content);
  });
  return router;
}
