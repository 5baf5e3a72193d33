/** Channel bindings (saml-channel-binding-ext-v1.0): proof that client and service provider speak over one and the same channel. */
import { decodeBase64 } from './base64.ts';
import { escapeAttribute } from './escape.ts';
import { namespaces } from './names.ts';
import type { XmlElement } from './xml.ts';

/** One cb:ChannelBindings. */
export interface ChannelBindings {
  /** Such as `tls-server-end-point` (RFC 5929). */
  readonly type: string | undefined;
  /** Base64 without white space; undefined where it is something else and so fits nothing. */
  readonly value: string | undefined;
}

const mostBindings = 16;
const longestType = 256;
const longestValue = 4096;

/** Those among the elements, which may be the content of samlp:Extensions or the blocks of a SOAP header. */
export const readChannelBindings = (elements: readonly XmlElement[]): readonly ChannelBindings[] =>
  elements
    .filter(({ localName, namespace }) => localName === 'ChannelBindings' && namespace === namespaces.channelBinding)
    .slice(0, mostBindings)
    .map((element) => {
      const type = element.attributes.get('Type')?.trim();
      const text = element.text.replace(/[ \t\r\n]+/g, '');
      const sound =
        text !== '' &&
        text.length <= longestValue &&
        (type?.length ?? 0) <= longestType &&
        element.children.length === 0 &&
        decodeBase64(text) !== undefined;
      return { type, value: sound ? text : undefined };
    });

/** Those of the service provider that the client sent as well. */
export const matchChannelBindings = (
  requested: readonly ChannelBindings[],
  sent: readonly ChannelBindings[],
): readonly ChannelBindings[] =>
  requested.filter(
    ({ type, value }) => value !== undefined && sent.some((other) => other.type === type && other.value === value),
  );

/** In exclusive canonical form. `attributes`: of a SOAP header block, which `soap` is declared for. */
export const writeChannelBindings = ({ type, value }: ChannelBindings, attributes = ''): string =>
  `<cb:ChannelBindings xmlns:cb="${namespaces.channelBinding}"` +
  `${type === undefined ? '' : ` Type="${escapeAttribute(type, 'ChannelBindings')}"`}${attributes}>${value ?? ''}</cb:ChannelBindings>`;
