/** Decrypts by XML Encryption 1.1, written from the standard: AES in both modes, RSA-OAEP with every digest, as a service provider would. */
import assert from 'node:assert/strict';
import { constants, createDecipheriv, createHash, privateDecrypt } from 'node:crypto';
import { attribute, maybe, one, parse } from './dom.ts';

/** The algorithms that an encrypted element names. */
export interface EncryptionFacts {
  readonly data: string;
  readonly transport: string;
  readonly digest: string | undefined;
  readonly mgf: string | undefined;
}

const hashes: Readonly<Record<string, string>> = {
  'http://www.w3.org/2000/09/xmldsig#sha1': 'sha1',
  'http://www.w3.org/2001/04/xmlenc#sha256': 'sha256',
  'http://www.w3.org/2001/04/xmlenc#sha512': 'sha512',
  'http://www.w3.org/2009/xmlenc11#mgf1sha1': 'sha1',
  'http://www.w3.org/2009/xmlenc11#mgf1sha256': 'sha256',
  'http://www.w3.org/2009/xmlenc11#mgf1sha384': 'sha384',
  'http://www.w3.org/2009/xmlenc11#mgf1sha512': 'sha512',
};
const hashNamed = (uri: string): string => hashes[uri] ?? assert.fail(`a digest that nobody agreed on: ${uri}`);

/** RFC 8017 §B.2.1. */
export function mask(seed: Buffer, length: number, hash: string): Buffer {
  const blocks: Buffer[] = [];
  for (let made = 0, counter = 0; made < length; counter += 1) {
    const block = createHash(hash)
      .update(seed)
      .update(Buffer.from([0, 0, 0, counter]))
      .digest();
    blocks.push(block);
    made += block.length;
  }
  return Buffer.concat(blocks).subarray(0, length);
}
export const xor = (left: Buffer, right: Buffer): Buffer => Buffer.from(left.map((byte, index) => byte ^ right[index]!));

/** RFC 8017 §7.1.2, with an empty label. */
function unwrapOaep(encrypted: Buffer, privateKey: string, hash: string, mgf: string): Buffer {
  const block = privateDecrypt({ key: privateKey, padding: constants.RSA_NO_PADDING }, encrypted);
  const label = createHash(hash).digest();
  const [maskedSeed, maskedData] = [block.subarray(1, 1 + label.length), block.subarray(1 + label.length)];
  const seed = xor(maskedSeed, mask(maskedData, label.length, mgf));
  const data = xor(maskedData, mask(seed, maskedData.length, mgf));
  const end = data.indexOf(1, label.length);
  assert.ok(
    block[0] === 0 && data.subarray(0, label.length).equals(label) && end > 0,
    'the key was transported for somebody else',
  );
  return Buffer.from(data.subarray(end + 1));
}

const cipherValue = (element: Element): Buffer =>
  Buffer.from(one('xenc:CipherData/xenc:CipherValue', element).textContent, 'base64');

function unwrapKey(encryptedKey: Element, privateKey: string): { key: Buffer; facts: Omit<EncryptionFacts, 'data'> } {
  const method = one('xenc:EncryptionMethod', encryptedKey);
  const transport = attribute(method, 'Algorithm') ?? '';
  const digestMethod = maybe('ds:DigestMethod', method);
  const mgfMethod = maybe('xenc11:MGF', method);
  const digest = digestMethod && attribute(digestMethod, 'Algorithm');
  const mgf = mgfMethod && attribute(mgfMethod, 'Algorithm');
  const facts = { transport, digest, mgf };
  const encrypted = cipherValue(encryptedKey);
  if (transport.endsWith('#rsa-1_5')) {
    const block = privateDecrypt({ key: privateKey, padding: constants.RSA_NO_PADDING }, encrypted);
    return { key: Buffer.from(block.subarray(block.indexOf(0, 2) + 1)), facts };
  }
  assert.match(transport, /#rsa-oaep(-mgf1p)?$/);
  // xmlenc-core §5.5.2: the older name has SHA-1 in its mask, and SHA-1 is the default of both.
  if (transport.endsWith('mgf1p')) assert.equal(mgf, undefined, 'the older name takes no MGF');
  const [hash, maskHash] = [
    hashNamed(digest ?? 'http://www.w3.org/2000/09/xmldsig#sha1'),
    hashNamed(mgf ?? 'http://www.w3.org/2009/xmlenc11#mgf1sha1'),
  ];
  return { key: unwrapOaep(encrypted, privateKey, hash, maskHash), facts };
}

/** The element within an EncryptedAssertion or EncryptedID, with the algorithms that it named. */
export function decrypt(encrypted: Element, privateKey: string): { element: Element; xml: string; facts: EncryptionFacts } {
  const data = one('xenc:EncryptedData', encrypted);
  assert.equal(attribute(data, 'Type'), 'http://www.w3.org/2001/04/xmlenc#Element', 'saml-core §6.1');
  const { key, facts } = unwrapKey(one('.//xenc:EncryptedKey', encrypted), privateKey);
  const algorithm = attribute(one('xenc:EncryptionMethod', data), 'Algorithm') ?? '';
  const [, bits, mode] = /#aes(128|192|256)-(gcm|cbc)$/.exec(algorithm) ?? assert.fail(`not a cipher that we know: ${algorithm}`);
  assert.equal(key.length * 8, Number(bits));
  const bytes = cipherValue(data);
  let plain: Buffer;
  if (mode === 'gcm') {
    const decipher = createDecipheriv(
      `aes-${bits === '128' ? '128' : bits === '192' ? '192' : '256'}-gcm`,
      key,
      bytes.subarray(0, 12),
    );
    decipher.setAuthTag(bytes.subarray(-16));
    plain = Buffer.concat([decipher.update(bytes.subarray(12, -16)), decipher.final()]);
  } else {
    const decipher = createDecipheriv(`aes-${String(bits)}-cbc`, key, bytes.subarray(0, 16)).setAutoPadding(false);
    const padded = Buffer.concat([decipher.update(bytes.subarray(16)), decipher.final()]);
    plain = padded.subarray(0, padded.length - padded.at(-1)!);
  }
  const xml = plain.toString();
  return { element: parse(xml), xml, facts: { data: algorithm, ...facts } };
}
