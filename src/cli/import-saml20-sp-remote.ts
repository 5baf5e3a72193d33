/** `passerelle import saml20-sp-remote`: service providers from the metadata of SimpleSAMLphp. */
import { createImportCommand } from './import-service-providers.ts';

export const command = createImportCommand({
  word: 'saml20-sp-remote',
  summary: 'make service providers of the metadata that SimpleSAMLphp has of them',
  from: 'metadata/saml20-sp-remote.php of SimpleSAMLphp',
  example: 'passerelle import saml20-sp-remote saml20-sp-remote.php --out imported',
  load: async () => (await import('../service-providers/import/php/read-saml20-sp-remote.ts')).readSaml20SpRemote,
});
