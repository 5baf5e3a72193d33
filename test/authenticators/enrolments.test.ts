/** What people enrolled: one record each, changed in one step, and sealed anew without a secret lost. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Enrolments, TotpEnrolment } from '../../src/authenticators/enrolments.ts';
import { openSecret, resealEnrolments, sealSecret } from '../../src/authenticators/sealed-secret.ts';
import { KeyMistake } from '../../src/keys/key-mistake.ts';
import { factorStage, type FactorStage } from './factor-stage.ts';

const start = Date.UTC(2026, 0, 1);
const nothing: Enrolments = { totp: [], webauthn: [], recovery: undefined };
const app = (id: string, secret = 'sealed'): TotpEnrolment => ({ id, label: id, createdAt: start, secret, lastStep: 1 });
const recovery = { hashes: ['a'], createdAt: start };

describe('the records of enrolments', () => {
  let stage: FactorStage;
  before(async () => {
    stage = await factorStage(start);
  });
  after(() => stage.close());

  it('are empty of those who enrolled nothing, and outlive any session', async () => {
    const { enrolments, clock } = stage;
    assert.deepEqual(await enrolments.of('ada'), nothing);
    await enrolments.change('ada', (before) => ({ ...before, totp: [app('1')], recovery }));
    clock.set(start + 100 * 365 * 86_400_000);
    assert.deepEqual(await enrolments.of('ada'), { totp: [app('1')], webauthn: [], recovery });
    assert.deepEqual(await enrolments.of('bob'), nothing);
    clock.set(start);
  });

  it('lose no change of those made at once', async () => {
    const { enrolments } = stage;
    const ids = Array.from({ length: 20 }, (_, index) => String(index));
    await Promise.all(ids.map((id) => enrolments.change('carol', (before) => ({ ...before, totp: [...before.totp, app(id)] }))));
    assert.deepEqual(
      (await enrolments.of('carol')).totp.map(({ id }) => id),
      ids,
    );
  });

  it('answer what there is then, and write nothing where nothing changed', async () => {
    const { enrolments, store } = stage;
    const changed = await enrolments.change('dave', (before) => ({ ...before, totp: [app('1')] }));
    assert.deepEqual(changed, { ...nothing, totp: [app('1')] });
    assert.deepEqual(await enrolments.change('dave', (before) => before), changed);
    assert.deepEqual(await enrolments.change('erin', (before) => before), nothing);
    assert.equal(await store.get('enrolment', 'erin'), undefined);
  });

  it('are gone with the last thing in them, not before', async () => {
    const { enrolments, store } = stage;
    await enrolments.change('frank', (before) => ({ ...before, totp: [app('1')], recovery: { hashes: [], createdAt: start } }));
    await enrolments.change('frank', (before) => ({ ...before, totp: [] }));
    assert.ok((await store.get('enrolment', 'frank')) !== undefined, 'that all recovery codes are used up is still known');
    await enrolments.change('frank', (before) => ({ ...before, recovery: undefined }));
    assert.equal(await store.get('enrolment', 'frank'), undefined);
  });

  it('are forgotten at once, with what there was told', async () => {
    const { enrolments, store } = stage;
    await enrolments.change('grace', (before) => ({ ...before, totp: [app('1')] }));
    assert.deepEqual(await enrolments.forget('grace'), { ...nothing, totp: [app('1')] });
    assert.deepEqual(await enrolments.forget('grace'), nothing);
    assert.equal(await store.get('enrolment', 'grace'), undefined);
  });

  it('are sealed anew by the newest key, with nothing else changed, and once', () => {
    const { seal, keys } = stage;
    const sealed = (id: string): TotpEnrolment => app(id, sealSecret(seal, 'ada', id, `secret of ${id}`));
    const old: Enrolments = { ...nothing, totp: [sealed('1'), sealed('2')], recovery };
    assert.equal(resealEnrolments(seal, 'ada', old), old);
    keys.add();
    const mixed = { ...old, totp: [...old.totp, sealed('3')] };
    const anew = resealEnrolments(seal, 'ada', mixed);
    assert.equal(resealEnrolments(seal, 'ada', anew), anew);
    assert.equal(anew.totp[2], mixed.totp[2]);
    keys.forget();
    for (const { id, secret } of anew.totp) assert.equal(openSecret(seal, 'ada', id, secret), `secret of ${id}`);
    const without = ({ totp, ...others }: Enrolments) => ({ ...others, totp: totp.map(({ secret: _, ...rest }) => rest) });
    assert.deepEqual(without(anew), without(mixed));
    assert.throws(() => resealEnrolments(seal, 'ada', old), KeyMistake);
    keys.add();
    assert.throws(() => resealEnrolments(seal, 'bob', anew), KeyMistake);
  });
});
