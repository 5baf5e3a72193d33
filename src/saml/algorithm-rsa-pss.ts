/** RSASSA-PSS whose parameters stand beside the algorithm (RFC 9231 §2.3.9), as the algorithm that names them itself. */
import { digestAlgorithms, signatureAlgorithms } from '../config/algorithm-names.ts';
import { namespaces } from './names.ts';
import type { XmlElement } from './xml.ts';

const namespace = 'http://www.w3.org/2007/05/xmldsig-more#';
/** What it means where no parameters are given: SHA-256 throughout, and a salt of 32 bytes. */
export const rsaPssDefault = signatureAlgorithms['rsa-pss-sha256'].uri;

const saltLengths = { sha256: '32', sha384: '48', sha512: '64' } as const;

const algorithmOf = (parent: XmlElement | undefined, localName: string, childNamespace: string): string | undefined =>
  parent?.children
    .find((child) => child.localName === localName && child.namespace === childNamespace)
    ?.attributes.get('Algorithm');

/** Of a ds:SignatureMethod; undefined where the parameters are other than one hash throughout and a salt of its length. */
export const readRsaPss = (method: XmlElement): string | undefined => {
  const [params, another] = method.children;
  if (params === undefined) return rsaPssDefault;
  if (another !== undefined || params.localName !== 'RSAPSSParams' || params.namespace !== namespace) return undefined;
  const digest = algorithmOf(params, 'DigestMethod', namespaces.ds) ?? digestAlgorithms.sha256;
  const hash = (['sha256', 'sha384', 'sha512'] as const).find((name) => digestAlgorithms[name] === digest);
  if (hash === undefined) return undefined;
  const [mask, salt, trailer] = ['MaskGenerationFunction', 'SaltLength', 'TrailerField'].map((localName) =>
    params.children.find((child) => child.localName === localName && child.namespace === namespace),
  );
  const fits =
    (mask === undefined
      ? hash === 'sha256'
      : mask.attributes.get('Algorithm') === `${namespace}MGF1` && algorithmOf(mask, 'DigestMethod', namespaces.ds) === digest) &&
    (salt === undefined || salt.text.trim() === saltLengths[hash]) &&
    (trailer === undefined || trailer.text.trim() === '1');
  return fits ? signatureAlgorithms[`rsa-pss-${hash}`].uri : undefined;
};
