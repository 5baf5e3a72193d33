/** Folders of files for the tests of one file, taken away after the last of them. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SignedXml } from 'xml-crypto';
import { afterwards } from './requirement.ts';
import { algorithms } from './sign-specially.ts';

const folders: string[] = [];
afterwards(async () => {
  for (const folder of folders) rmSync(folder, { recursive: true });
  return Promise.resolve();
});

export function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'passerelle-conformance-'));
  folders.push(folder);
  return folder;
}

/** Lays a file, and answers its path. */
export function lay(folder: string, name: string, content: string | Buffer): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

let signed = 0;
/** Metadata with an enveloped signature at the root. */
export function signMetadata(xml: string, privateKey: string): string {
  const withId = xml.slice(0, xml.indexOf('>')).includes(' ID="')
    ? xml
    : xml.replace(/^<([\w:]+)/, `<$1 ID="_metadata${String((signed += 1))}"`);
  const { rsaSha256, sha256, exclusiveC14n, enveloped } = algorithms;
  const signer = new SignedXml({ privateKey, signatureAlgorithm: rsaSha256, canonicalizationAlgorithm: exclusiveC14n });
  signer.addReference({ xpath: '/*', transforms: [enveloped, exclusiveC14n], digestAlgorithm: sha256 });
  signer.computeSignature(withId, { prefix: 'ds', location: { reference: '/*', action: 'prepend' } });
  return signer.getSignedXml();
}

const md = 'urn:oasis:names:tc:SAML:2.0:metadata';
/** An md:EntitiesDescriptor around others. */
export const entities = (content: readonly string[], attributes = ''): string =>
  `<md:EntitiesDescriptor xmlns:md="${md}"${attributes}>${content.join('')}</md:EntitiesDescriptor>`;
