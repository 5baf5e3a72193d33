/** The URL of one entity at a responder of the Metadata Query Protocol (draft-young-md-query §3.2.1). */

const longest = 1_024;

/** undefined for what cannot be asked for: nothing, something endless, or what a URL would take for a way up. */
export function metadataQueryUrl(base: string, entityID: string): string | undefined {
  if (entityID === '' || entityID.length > longest || !entityID.isWellFormed()) return undefined;
  // WHATWG URL §4.4: dot segments are resolved even where they are percent-encoded.
  if (entityID === '.' || entityID === '..') return undefined;
  const encoded = encodeURIComponent(entityID).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `${base.replace(/\/+$/, '')}/entities/${encoded}`;
}
