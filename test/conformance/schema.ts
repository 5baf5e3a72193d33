/** Judges messages and metadata by the XML schemas of the standards, extensions included, with xmllint. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const catalog = join(import.meta.dirname, '../testbed/saml-xsd-catalog.xml');
const schemas = join(import.meta.dirname, 'schemas.xsd');

export function assertValid(xml: string): void {
  const { status, stderr } = spawnSync('xmllint', ['--nonet', '--noout', '--schema', schemas, '-'], {
    input: xml,
    encoding: 'utf8',
    env: { ...process.env, XML_CATALOG_FILES: catalog },
  });
  assert.equal(status, 0, `${stderr}\n${xml}`);
}
