/** A process of its own that opens a store and counts in it: SETTINGS KIND KEY TIMES NOW; SETTINGS are those of the section, as JSON. */
import { store as schema } from '../../src/config/store-schema.ts';
import { openStore } from '../../src/store/open-store.ts';

const [settings = '', kind = '', key = '', times = '', now = ''] = process.argv.slice(2);
if (kind !== 'attempts') throw new Error('the counter counts attempts');
const clock = { now: () => Number(now), until: () => Promise.resolve() };
const store = await openStore(schema.parse(JSON.parse(settings)), { clock });
for (let left = Number(times); left > 0; left -= 1) {
  await store.update(kind, key, (record) => ({ value: Number(record?.value ?? 0) + 1, expiresAt: Number(now) * 2 }));
}
await store.close();
