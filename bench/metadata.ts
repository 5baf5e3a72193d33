/** What ten thousand entities in one signed document cost: until the server is ready, in memory, and whoever waits meanwhile. */
import { randomBytes } from 'node:crypto';
import { mkdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeKey } from '../src/keys/make-key.ts';
import { base64Of } from '../test/fixtures/foreign-service-provider.ts';
import { aggregateOf, entityOf } from '../test/fixtures/metadata-aggregate.ts';
import { startChild } from './child.ts';
import type { MetadataLoad } from './metadata-load.ts';
import { peakMemoryOf } from './process-usage.ts';
import { startServer, type DirectorySettings } from './server.ts';

export interface MetadataFigures {
  readonly entities: number;
  readonly megabytes: number;
  /** Milliseconds until the document is read and verified. */
  readonly taken: number;
  /** Milliseconds that the event loop was held up at most meanwhile. */
  readonly blocked: number;
  /** Milliseconds from the start of a server with it until it is ready, and megabytes that it needed at most. */
  readonly ready: number;
  readonly peakMemory: number;
}

const count = 10_000;
const day = 86_400_000;

export async function measureMetadata(folder: string, directory: DirectorySettings): Promise<MetadataFigures> {
  await mkdir(folder, { recursive: true });
  const credential = await makeKey({ commonName: 'federation', now: Date.now(), serialNumber: randomBytes(16) });
  const certificate = base64Of(credential);
  const [file, key] = [join(folder, 'federation.xml'), join(folder, 'federation.pem')];
  const entities = Array.from({ length: count }, (_, index) => entityOf(index, certificate));
  await writeFile(file, aggregateOf(entities, { signedBy: credential, validUntil: Date.now() + 7 * day }));
  await writeFile(key, credential.certificate);
  const load = await startChild<MetadataLoad>('metadata-load.ts', { file, key }).answer;
  if (load.entities !== count) throw new Error(`${String(load.entities)} entities were read, not ${String(count)}`);
  const metadata = [{ kind: 'file', file, keyFiles: [key], requireValidUntil: true, admit: 'all' }];
  const server = await startServer(join(folder, 'server'), directory, [], { metadata });
  try {
    return {
      ...load,
      megabytes: (await stat(file)).size / 1e6,
      ready: server.started.ready,
      peakMemory: peakMemoryOf(server.pid),
    };
  } finally {
    await server.stop();
  }
}
