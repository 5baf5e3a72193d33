/** Where a service provider stands in a rollover, in words, and what is to be done about it. */
import { presentableText } from '../audit/presentable.ts';
import type { Party } from '../signin/key-parties.ts';
import type { PartyStanding, Standing } from '../signin/key-rollover.ts';

const instant = (milliseconds: number): string => new Date(milliseconds).toISOString().replace(/:\d\d\.\d{3}Z$/, 'Z');

export const describeParty = ({ name, id }: Party): string =>
  name === id ? presentableText(id, 1024) : `${presentableText(name)}, ${presentableText(id, 1024)}`;

/** Such as `fetched at 2026-11-22T10:00Z`. */
export function describeStanding(standing: Standing): string {
  switch (standing.state) {
    case 'own-key':
      return `signs with ${standing.key} as before`;
    case 'signed-before':
      return 'knows it: it signed before';
    case 'fetched':
      return `fetched at ${instant(standing.at)}`;
    case 'told':
      return `told at ${instant(standing.at)}${standing.counts === standing.at ? '' : `, counts from ${instant(standing.counts)}`}`;
    case 'outdated':
      return `fetched at ${instant(standing.at)}, without it`;
    case 'never':
      return 'never told';
    case 'unfit':
      return 'takes no algorithm of this key';
  }
}

const quoted = (id: string): string => (/^[\w.:/@?=%~+-]+$/.test(id) ? id : `'${id.replaceAll("'", String.raw`'\''`)}'`);

/** What lets it accept the key, in one line or two; undefined where it would already. */
export function remedyOf({ party, standing, ready }: PartyStanding, key: string): string | undefined {
  if (ready) return undefined;
  const note = `passerelle keys told ${key} --sp ${presentableText(quoted(party.id), 1100)}`;
  if (standing.state === 'told') return 'Google may take until then.';
  if (standing.state === 'unfit') return 'Give it a key of its own: signature: { key } in its settings.';
  switch (party.kind) {
    case 'google':
      return `Upload the certificate of ${key} at Google, beside the one that is there; then ${note}`;
    case 'federation':
      return `Give the federation our metadata; once its own have the key, ${note}`;
    case 'metadata':
      return `Let it fetch our metadata by its own URL (passerelle keys urls), or hand them over and then ${note}`;
  }
}
