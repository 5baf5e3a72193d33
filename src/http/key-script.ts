/** The script by which a page asks a person's key: the library's and ours in one file, named after what it holds. */
import { hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface KeyScript {
  /** A path of ours; another one for other content, so that it may be kept for good. */
  readonly url: string;
  /** W3C Subresource Integrity §3.5. */
  readonly integrity: string;
  readonly content: Buffer;
}

const library = new URL('../dist/bundle/index.umd.min.js', import.meta.resolve('@simplewebauthn/browser'));

/** @param views an absolute folder */
export function readKeyScript(views: string): KeyScript {
  const ours = readFileSync(join(views, 'webauthn.mjs'), 'utf8');
  const content = Buffer.from(`${readFileSync(library, 'utf8')}\n${ours}`);
  return {
    url: `/scripts/webauthn-${hash('sha256', content, 'hex').slice(0, 16)}.js`,
    integrity: `sha384-${hash('sha384', content, 'base64')}`,
    content,
  };
}
