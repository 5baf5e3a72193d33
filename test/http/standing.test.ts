/** What a balancer reads before all processes listen, while they serve, and before they stop. */
import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { listen } from '../../src/http/listen.ts';
import { createStandings, type Standing } from '../../src/http/standing.ts';

const closing: (() => Promise<void>)[] = [];
after(() => Promise.all(closing.map((close) => close())));

async function open(first: Standing) {
  const standings = createStandings((_req, res) => res.end('application'), first);
  const listener = await listen(standings.app, { host: '127.0.0.1', port: 0 }, undefined);
  closing.push(() => listener.close(0));
  const ask = async (path: string, method = 'GET') => {
    const answer = await fetch(`http://127.0.0.1:${String(listener.address.port)}${path}`, { method });
    return { status: answer.status, text: await answer.text(), connection: answer.headers.get('connection') };
  };
  return { standings, ask };
}

describe('readiness', () => {
  it('is no before all listen, the application’s own while they serve, and no again once they are about to stop', async () => {
    const { standings, ask } = await open('starting');
    const red = (status: string, connection: string) => ({ status: 503, text: `{"status":"${status}"}`, connection });
    const green = { status: 200, text: 'application', connection: 'keep-alive' };
    for (const path of ['/readyz', '/readyz?x=1']) assert.deepEqual(await ask(path), red('starting', 'keep-alive'));
    standings.become('serving');
    assert.deepEqual(await ask('/readyz'), green);
    standings.become('stopping');
    assert.deepEqual(await ask('/readyz'), red('stopping', 'close'));
    assert.deepEqual(await ask('/readyz', 'HEAD'), { ...red('stopping', 'close'), text: '' });
    // Whoever lags behind does not undo it.
    standings.become('serving');
    assert.equal((await ask('/readyz')).status, 503);
  });

  it('is all that changes: everything else is served throughout, and at the end no connection is kept', async () => {
    const { standings, ask } = await open('starting');
    for (const [standing, connection] of [
      ['starting', 'keep-alive'],
      ['serving', 'keep-alive'],
      ['stopping', 'close'],
    ] as const) {
      standings.become(standing);
      for (const path of ['/signin?id=x', '/healthz', '/readyzz', '/readyz/'])
        assert.deepEqual(await ask(path), { status: 200, text: 'application', connection });
    }
  });
});
