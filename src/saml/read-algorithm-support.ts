/** Reads which algorithms a service provider takes (saml-metadata-algsupport §2.3 and §2.4). */
import { mistaken } from './metadata-mistake.ts';
import { extensionsNamed, requireUri } from './metadata-values.ts';
import { namespaces } from './names.ts';
import type { AlgorithmSupport } from './service-provider.ts';
import type { XmlElement } from './xml.ts';

/** xs:positiveInteger, in bits. */
const readSize = (element: XmlElement, name: string): number | undefined => {
  const value = element.attributes.get(name)?.trim();
  if (value === undefined) return undefined;
  return /^\d{1,9}$/.test(value)
    ? Number.parseInt(value, 10)
    : mistaken(element, `has ${name}="${value.slice(0, 64)}", which is no number`);
};

/** What stands at the role counts; only where it says nothing of the kind, what stands at the entity. */
const nearest = (entity: XmlElement, role: XmlElement, localName: string): readonly XmlElement[] | undefined =>
  [role, entity].map((element) => extensionsNamed(element, localName, namespaces.alg)).find(({ length }) => length > 0);

/** @throws MetadataMistake */
export const readAlgorithmSupport = (entity: XmlElement, role: XmlElement): AlgorithmSupport => ({
  digests: nearest(entity, role, 'DigestMethod')?.map((element) => requireUri(element, 'Algorithm')),
  signings: nearest(entity, role, 'SigningMethod')?.map((element) => {
    const [minKeySize, maxKeySize] = [readSize(element, 'MinKeySize'), readSize(element, 'MaxKeySize')];
    return {
      algorithm: requireUri(element, 'Algorithm'),
      ...(minKeySize !== undefined && { minKeySize }),
      ...(maxKeySize !== undefined && { maxKeySize }),
    };
  }),
});
