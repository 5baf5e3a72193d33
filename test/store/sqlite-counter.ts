/** A process of its own that opens a SQLite store and counts in it: FILE KIND KEY TIMES NOW. */
import { createSqliteStore } from '../../src/store/sqlite.ts';

const [file = '', kind = '', key = '', times = '', now = ''] = process.argv.slice(2);
if (kind !== 'attempts') throw new Error('the counter counts attempts');
const store = await createSqliteStore({ file, clock: { now: () => Number(now), until: () => Promise.resolve() } });
for (let left = Number(times); left > 0; left -= 1) {
  await store.update(kind, key, (record) => ({ value: Number(record?.value ?? 0) + 1, expiresAt: Number(now) * 2 }));
}
await store.close();
