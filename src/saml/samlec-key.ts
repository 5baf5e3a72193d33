/** The generated key of SAML-EC (draft-ietf-kitten-sasl-saml-ec §5.3.1): known to the client and the service provider alone. */
import type { Random } from '../clock.ts';
import { namespaces } from './names.ts';

/** As many bytes as the largest key of RFC 3961's encryption types takes; which of them is used is not our choice. */
const keyBytes = 32;

/** Base64. */
export const generateKey = (random: Random): string => random(keyBytes).toString('base64');

/** In exclusive canonical form. `attributes`: of a SOAP header block, which `soap` is declared for. */
export const writeGeneratedKey = (key: string, attributes = ''): string =>
  `<samlec:GeneratedKey xmlns:samlec="${namespaces.samlec}"${attributes}>${key}</samlec:GeneratedKey>`;
