/** The Conditions that a request asks for (saml-core §3.4.1), and what becomes of them in the assertion (§2.5). */
import { Refusal } from '../refusal.ts';
import { escapeText } from './escape.ts';
import { namespaces } from './names.ts';
import { invalid, is, readCount, readInstant, readUri, requireElementsOnly } from './read-element.ts';
import type { XmlElement } from './xml.ts';

/** saml-core §2.5.1.6 */
export interface ProxyRestriction {
  /** An xs:nonNegativeInteger. */
  readonly count: string | undefined;
  readonly audiences: readonly string[];
}

export interface RequestedConditions {
  /** Milliseconds since the epoch. */
  readonly notBefore: number | undefined;
  readonly notOnOrAfter: number | undefined;
  /** A list of audiences for each AudienceRestriction. */
  readonly audienceRestrictions: readonly (readonly string[])[];
  readonly oneTimeUse: boolean;
  readonly proxyRestriction: ProxyRestriction | undefined;
  /** Whether there is a Condition of somebody's own making. */
  readonly unknown: boolean;
}

/** What the assertion says beside its audience, which is the service provider alone. */
export interface GrantedConditions {
  /** Milliseconds since the epoch. */
  readonly notBefore: number;
  readonly notOnOrAfter: number;
  readonly oneTimeUse: boolean;
  readonly proxyRestriction: ProxyRestriction | undefined;
}

const { assertion } = namespaces;
const mostConditions = 64;

const readAudiences = (element: XmlElement): readonly string[] => {
  requireElementsOnly(element);
  if (!element.children.every((child) => is(child, assertion, 'Audience'))) invalid(element, 'an element other than Audience');
  if (element.children.length > mostConditions) invalid(element, 'too many Audiences');
  return element.children.map(readUri);
};

/** @throws Refusal request-invalid */
export const readConditions = (element: XmlElement): RequestedConditions => {
  requireElementsOnly(element);
  const [notBefore, notOnOrAfter] = [readInstant(element, 'NotBefore'), readInstant(element, 'NotOnOrAfter')];
  // saml-core §2.5.1.2
  if (notBefore !== undefined && notOnOrAfter !== undefined && notBefore >= notOnOrAfter) {
    invalid(element, 'NotBefore is not before NotOnOrAfter');
  }
  if (element.children.length > mostConditions) invalid(element, 'too many conditions');
  const named = (localName: string): readonly XmlElement[] => element.children.filter((child) => is(child, assertion, localName));
  const restrictions = named('AudienceRestriction');
  const [oneTimeUses, proxies, unknown] = [named('OneTimeUse'), named('ProxyRestriction'), named('Condition')];
  if (restrictions.length + oneTimeUses.length + proxies.length + unknown.length < element.children.length) {
    invalid(element, 'an element that is no condition');
  }
  // saml-core §2.5.1.5, §2.5.1.6: at most one of each.
  if (oneTimeUses.length > 1 || proxies.length > 1) invalid(element, 'OneTimeUse or ProxyRestriction twice');
  const [proxy] = proxies;
  return {
    notBefore,
    notOnOrAfter,
    audienceRestrictions: restrictions.map((restriction) => {
      const audiences = readAudiences(restriction);
      return audiences.length === 0 ? invalid(restriction, 'no Audience') : audiences;
    }),
    oneTimeUse: oneTimeUses.length > 0,
    proxyRestriction: proxy && { count: readCount(proxy, 'Count'), audiences: readAudiences(proxy) },
    unknown: unknown.length > 0,
  };
};

/**
 * What the assertion is to say, given what it would say unasked: never wider than that, never wider than what was asked. `now` in
 * milliseconds since the epoch.
 * @throws Refusal conditions-unmet
 */
export const grantConditions = (
  asked: RequestedConditions | undefined,
  unasked: { readonly notBefore: number; readonly notOnOrAfter: number; readonly audience: string },
  now: number,
): GrantedConditions => {
  const notBefore = Math.max(unasked.notBefore, asked?.notBefore ?? -Infinity);
  const notOnOrAfter = Math.min(unasked.notOnOrAfter, asked?.notOnOrAfter ?? Infinity);
  const unmet = (why: string): Refusal => new Refusal('conditions-unmet', { why });
  // saml-core §2.5.1: an assertion with a condition that is not understood is of undetermined validity.
  if (asked?.unknown === true) throw unmet('a condition that is not known');
  if (notOnOrAfter <= now || notBefore >= notOnOrAfter) throw unmet('no instant is left at which the assertion were valid');
  // saml-core §2.5.1.4: restrictions hold together, so that ours alone says no more than ours and theirs.
  if (asked?.audienceRestrictions.some((audiences) => !audiences.includes(unasked.audience)) === true) {
    throw unmet('an AudienceRestriction that leaves out the service provider itself');
  }
  return { notBefore, notOnOrAfter, oneTimeUse: asked?.oneTimeUse ?? false, proxyRestriction: asked?.proxyRestriction };
};

/** For the inside of saml:Conditions, in exclusive canonical form. @throws Refusal attribute-character-forbidden */
export const writeRestrictions = ({ oneTimeUse, proxyRestriction }: Partial<GrantedConditions>): string => {
  const once = oneTimeUse === true ? '<saml:OneTimeUse></saml:OneTimeUse>' : '';
  if (proxyRestriction === undefined) return once;
  const { count, audiences } = proxyRestriction;
  const inside = audiences.map((audience) => `<saml:Audience>${escapeText(audience, 'Audience')}</saml:Audience>`).join('');
  return `${once}<saml:ProxyRestriction${count === undefined ? '' : ` Count="${count}"`}>${inside}</saml:ProxyRestriction>`;
};
