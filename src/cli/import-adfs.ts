/** `passerelle import adfs`: service providers from the relying party trusts of AD FS. */
import { createImportCommand } from './import-service-providers.ts';

export const command = createImportCommand({
  word: 'adfs',
  summary: 'make service providers of the relying party trusts of AD FS',
  from: 'what Get-AdfsRelyingPartyTrust | ConvertTo-Json -Depth 6 gives',
  example: 'passerelle import adfs relying-parties.json --out imported',
  load: async () => (await import('../service-providers/import/adfs/read-adfs.ts')).readAdfs,
});
