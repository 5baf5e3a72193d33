/** Service providers of the tests: each at a site of its own, with the metadata and settings that a house is opened with. */
import { type Credential, ForeignServiceProvider, type MetadataOptions } from '../fixtures/foreign-service-provider.ts';
import type { HouseOptions } from '../fixtures/house.ts';

export type Known = NonNullable<HouseOptions['metadata']>[number];

/** The service provider of that name. */
export const at = (name: string, credential: Credential): ForeignServiceProvider =>
  new ForeignServiceProvider(credential, `https://${name}.example.net`);

/** How a house knows one that is told the address and gets nothing encrypted, unless it is said otherwise. */
export const plain = (partner: ForeignServiceProvider, metadata: MetadataOptions = {}, settings: Partial<Known> = {}): Known => ({
  xml: partner.metadata({ keys: partner.keyDescriptor('signing'), ...metadata }),
  nameId: { format: 'emailAddress' },
  ...settings,
});
