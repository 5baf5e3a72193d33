/** `passerelle import keycloak-realm`: service providers from the export of a realm of Keycloak. */
import { createImportCommand } from './import-service-providers.ts';

export const command = createImportCommand({
  word: 'keycloak-realm',
  summary: 'make service providers of the SAML clients of a realm of Keycloak',
  from: 'the export of a realm, as kc.sh export writes it, or of one client',
  example: 'passerelle import keycloak-realm corp-realm.json --out imported',
  load: async () => (await import('../service-providers/import/keycloak/read-keycloak-realm.ts')).readKeycloakRealm,
});
