/** What is encrypted to a service provider, and how: by its settings, its metadata and what may be used. */
import type { Random } from '../clock.ts';
import { Refusal } from '../refusal.ts';
import type { AlgorithmPolicy } from './algorithm-policy.ts';
import { chooseEncryption } from './choose-encryption.ts';
import { encryptElement } from './encrypt-element.ts';
import { protectLineEnds } from './escape.ts';
import { namespaces } from './names.ts';
import { writeNameID, type NameID } from './name-id.ts';
import type { ServiceProvider } from './service-provider.ts';

/** How one service provider is encrypted to. */
export interface Encryption {
  /** Whether its settings and metadata ask for the assertion, or else the NameID, to be encrypted. */
  readonly assertion: boolean;
  readonly nameID: boolean;
  /**
   * A saml:EncryptedAssertion in exclusive canonical form, for the inside of an element that does not declare the prefix `saml`.
   * `assertion` is an element that declares every prefix it uses.
   */
  encryptAssertion(assertion: string): string;
  /** A saml:EncryptedID, for the inside of an element that declares the prefix `saml`. @throws Refusal attribute-character-forbidden */
  encryptNameID(nameID: NameID): string;
}

export interface Encryptions {
  /**
   * Undefined where nothing is encrypted to that service provider.
   * @param options.nameID whether its request asks for an encrypted NameID (saml-core §3.4.1.1)
   * @throws Refusal algorithms-not-shared where it ought to be, and no key and algorithms are shared
   */
  for(serviceProvider: ServiceProvider, options?: { readonly nameID?: boolean }): Encryption | undefined;
}

/** A NameID as a document of its own. */
const standalone = (nameID: NameID): string =>
  writeNameID(nameID).replace('<saml:NameID', `<saml:NameID xmlns:saml="${namespaces.assertion}"`);

export function createEncryptions({ policy, random }: { policy: AlgorithmPolicy; random: Random }): Encryptions {
  return {
    for(serviceProvider, { nameID: asked = false } = {}) {
      const { entityID, encryptionKeys, protection } = serviceProvider;
      const setting = protection?.encrypt ?? (encryptionKeys.length > 0 ? 'assertion' : 'never');
      const nameID = asked || setting === 'nameId';
      if (setting === 'never' && !nameID) return undefined;
      const chosen = chooseEncryption(encryptionKeys, protection?.encryption ?? {}, policy);
      // What was to be encrypted is never sent in the clear instead.
      if (chosen === undefined) throw new Refusal('algorithms-not-shared', { entityID, purpose: 'encryption' });
      const encrypt = (text: string): string => {
        policy.noteUse([chosen.cipher.uri, chosen.transport.uri], entityID);
        // Some parsers take two characters for line ends, here as in what is not encrypted.
        return encryptElement(protectLineEnds(text), chosen, entityID, random);
      };
      return {
        assertion: setting === 'assertion',
        nameID,
        encryptAssertion: (assertion) =>
          `<saml:EncryptedAssertion xmlns:saml="${namespaces.assertion}">${encrypt(assertion)}</saml:EncryptedAssertion>`,
        encryptNameID: (name) => `<saml:EncryptedID>${encrypt(standalone(name))}</saml:EncryptedID>`,
      };
    },
  };
}
