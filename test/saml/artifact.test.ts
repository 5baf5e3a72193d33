/** Artifacts and ArtifactResponses: their bytes as the standard has them, their signatures judged by others. */
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { readArtifact, writeArtifact } from '../../src/saml/artifact.ts';
import { buildArtifactResponse } from '../../src/saml/artifact-response.ts';
import { buildFailure, buildSuccess } from '../../src/saml/response.ts';
import { certificatePem, signer } from '../fixtures/signing-key.ts';
import { assertValidBySchema, verifiedByXmlCrypto } from '../fixtures/xml-judges.ts';

const entityID = 'https://idp.example.com/saml/metadata';
const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length }).map((array) => Buffer.from(array));

describe('an artifact', () => {
  it('holds type, endpoint, source and handle, in that order', () => {
    const handle = randomBytes(20);
    const artifact = Buffer.from(writeArtifact(entityID, 258, handle), 'base64');
    assert.equal(
      artifact.toString('hex'),
      `00040102${createHash('sha1').update(entityID).digest('hex')}${handle.toString('hex')}`,
    );
  });

  it('comes back as the handle that it was made of', () => {
    fc.assert(
      fc.property(bytes(20), fc.nat(65_535), (handle, index) => {
        assert.deepEqual(readArtifact(writeArtifact(entityID, index, handle), entityID, index), handle);
      }),
    );
  });

  const handle = Buffer.alloc(20, 7);
  const made = Buffer.from(writeArtifact(entityID, 0, handle), 'base64');
  const changed = (offset: number): string => {
    const other = Buffer.from(made);
    other.writeUInt8((other[offset] ?? 0) ^ 1, offset);
    return other.toString('base64');
  };
  for (const [what, artifact] of [
    ['another type', changed(1)],
    ['another endpoint', changed(3)],
    ['another source', changed(10)],
    ['one byte less', made.subarray(0, 43).toString('base64')],
    ['one byte more', Buffer.concat([made, Buffer.alloc(1)]).toString('base64')],
    ['white space', ` ${made.toString('base64')}`],
    ['the other alphabet of base64', Buffer.alloc(44, 0xff).toString('base64url')],
    ['nothing', ''],
    ['a megabyte', 'A'.repeat(1_048_576)],
  ] as const) {
    it(`is none of ours with ${what}`, () => {
      assert.equal(readArtifact(artifact, entityID, 0), undefined);
    });
  }
});

describe('an ArtifactResponse', () => {
  const now = Date.now();
  const frame = {
    id: '_response',
    issuer: entityID,
    issueInstant: now,
    destination: 'https://sp.example.net/acs',
    inResponseTo: '_request',
  };
  const answer = { id: '_artifactResponse', issuer: entityID, issueInstant: now, inResponseTo: '_resolve', status: undefined };

  it('carries a Response whose own signatures stay good', async () => {
    const message = await buildSuccess(
      {
        ...frame,
        assertionID: '_assertion',
        audience: 'https://sp.example.net/',
        nameID: { format: 'urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress', value: 'alice@example.com' },
        notBefore: now,
        notOnOrAfter: now + 60_000,
        authnInstant: now,
        authnContextClassRef: 'urn:oasis:names:tc:SAML:2.0:ac:classes:Password',
        sessionIndex: '_session',
        sessionNotOnOrAfter: now + 60_000,
        // Characters that are written as references in the document and as themselves in what is signed.
        attributes: [{ name: 'note', nameFormat: 'urn:x', values: ['a\u0085b\u2028c&#x85;', '\r\n\t<&>"'] }],
        sign: { response: true, assertion: true },
      },
      signer,
    );
    const document = await buildArtifactResponse({ ...answer, message }, signer);
    for (const element of ['ArtifactResponse', 'Response', 'Assertion']) verifiedByXmlCrypto(document, element, certificatePem);
    assert.match(verifiedByXmlCrypto(document, 'ArtifactResponse', certificatePem), /<samlp:Response Destination=/);
    assertValidBySchema([document], 'protocol');
  });

  it('carries a refusal', async () => {
    const message = await buildFailure({ ...frame, status: ['Responder', 'NoPassive'], message: 'no' }, signer);
    const document = await buildArtifactResponse({ ...answer, message }, signer);
    for (const element of ['ArtifactResponse', 'Response']) verifiedByXmlCrypto(document, element, certificatePem);
    assertValidBySchema([document], 'protocol');
  });

  it('carries nothing, or says what was wrong', async () => {
    const nothing = await buildArtifactResponse({ ...answer, message: undefined }, signer);
    const wrong = await buildArtifactResponse({ ...answer, status: ['Requester', 'RequestDenied'], message: undefined }, signer);
    for (const document of [nothing, wrong]) verifiedByXmlCrypto(document, 'ArtifactResponse', certificatePem);
    assertValidBySchema([nothing, wrong], 'protocol');
    assert.match(nothing, /status:Success/);
    assert.match(wrong, /status:Requester"><samlp:StatusCode Value="[^"]*RequestDenied/);
  });

  it('carries nothing that we did not write', async () => {
    await assert.rejects(buildArtifactResponse({ ...answer, message: '<Response/>' }, signer));
  });
});
