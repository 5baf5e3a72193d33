/** Whether a balancer is to send people here: not before all processes listen, nor once we are about to stop. */
import type { RequestListener } from 'node:http';

export type Standing = 'starting' | 'serving' | 'stopping';

export interface Standings {
  /** The application, which says of itself whether it is ready; here it has the word only while serving. */
  readonly app: RequestListener;
  readonly standing: Standing;
  /** Nothing comes after `stopping`. */
  become(standing: Standing): void;
}

/** Beyond `/readyz` everything is served whatever the standing: who was sent here already must not notice. */
export function createStandings(app: RequestListener, first: Standing): Standings {
  let standing = first;
  return {
    app: (req, res) => {
      // Connections that stay open would be cut in the end; a balancer that reads this opens none of them again.
      if (standing === 'stopping') res.setHeader('Connection', 'close');
      if (standing === 'serving' || req.url?.split('?', 1)[0] !== '/readyz') {
        app(req, res);
        return;
      }
      res
        .writeHead(503, { 'Content-Type': 'application/json; charset=utf-8', 'Cache-Control': 'no-store' })
        .end(req.method === 'HEAD' ? undefined : JSON.stringify({ status: standing }));
    },
    get standing() {
      return standing;
    },
    become(next) {
      if (standing !== 'stopping') standing = next;
    },
  };
}
