/** The settings of one imported service provider: one of Google's kinds where it is one, else the kind metadata. */
import type { ReleaseRuleConfig } from '../../config/release-schema.ts';
import { bindings } from '../../saml/names.ts';
import type { Draft, Told } from './imported.ts';
import type { YamlValue } from './render-yaml.ts';

export interface Described {
  /** Without kind and file where it needs metadata. */
  readonly entry: Readonly<Record<string, YamlValue | undefined>>;
  /** Items of `release`: what no single entry can hold. */
  readonly release: readonly YamlValue[];
  readonly needsMetadata: boolean;
  /** The same for two that are the same to the house. */
  readonly identity: string;
  readonly told: readonly Told[];
}

const longestName = 80;
const invisible = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]+/gu;

/** The shorter form where it says the same. */
const ruleValue = (rule: ReleaseRuleConfig): YamlValue =>
  rule.from !== undefined && Object.keys(rule).length === 1 ? rule.from : rule;

function attributesOf(draft: Draft, place: number): Readonly<Record<string, YamlValue>> | undefined {
  const found = [...draft.attributes].flatMap(([name, rules]) => {
    const rule = rules[place];
    return rule === undefined ? [] : [[name, ruleValue(rule)] as const];
  });
  return found.length === 0 ? undefined : Object.fromEntries(found);
}

type GoogleEntry =
  | { readonly kind: 'google-profile'; readonly entityId: string; readonly acsUrl: string }
  | { readonly kind: 'google-workforce'; readonly pool: string; readonly provider: string }
  | { readonly kind: 'google-legacy'; readonly domain: string };

function google({ entityId, metadata }: Draft): GoogleEntry | undefined {
  const posts = metadata.assertionConsumerServices
    .filter(({ binding }) => binding === bindings.httpPost)
    .map(({ location }) => location);
  const [acsUrl = ''] = posts;
  if (/^https:\/\/accounts\.google\.com\/samlrp\/[^/?#]+$/.test(entityId) && acsUrl === `${entityId}/acs`) {
    return { kind: 'google-profile', entityId, acsUrl };
  }
  const workforce =
    /^https:\/\/iam\.googleapis\.com\/(locations\/global\/workforcePools\/([a-z0-9-]{4,63})\/providers\/([a-z0-9-]{4,63}))$/.exec(
      entityId,
    );
  if (workforce !== null && acsUrl === `https://auth.cloud.google/signin-callback/${workforce[1] ?? ''}`) {
    return { kind: 'google-workforce', pool: workforce[2] ?? '', provider: workforce[3] ?? '' };
  }
  const domain = /^https:\/\/(?:www|accounts)\.google\.com\/a\/([a-z0-9-]+(?:\.[a-z0-9-]+)+)\/acs$/i
    .exec(acsUrl)?.[1]
    ?.toLowerCase();
  const isLegacy = domain !== undefined && /^(?:https?:\/\/)?(?:www\.)?google\.com(?:\/a\/([^/]+))?\/?$/i.exec(entityId);
  if (isLegacy === false || isLegacy === null || (isLegacy[1] ?? domain).toLowerCase() !== domain) return undefined;
  // With https:// before it, requests would come under a name that the kind does not know.
  return /^google\.com/i.test(entityId) ? { kind: 'google-legacy', domain } : undefined;
}

export function describeEntry(draft: Draft): Described {
  const name = draft.name?.replaceAll(invisible, ' ').trim().slice(0, longestName).toWellFormed().trim();
  const common = {
    ...(name !== undefined && name !== '' && name !== draft.entityId && { name }),
    attributes: attributesOf(draft, 0),
    access: draft.access as YamlValue | undefined,
  };
  const kind = google(draft);
  const entityIds = kind?.kind === 'google-legacy' ? ['google.com', `google.com/a/${kind.domain}`] : [draft.entityId];
  const most = Math.max(0, ...[...draft.attributes.values()].map((rules) => rules.length));
  const release = Array.from({ length: Math.max(0, most - 1) }, (_, index) => ({
    to: { entityIds },
    attributes: attributesOf(draft, index + 1),
  }));
  if (kind !== undefined) {
    const because = `it is one of Google’s, which is known here by itself (${kind.kind}); its name is always the address`;
    return {
      entry: { ...kind, ...common },
      release,
      needsMetadata: false,
      identity: JSON.stringify(kind),
      told: [{ outcome: 'taken over', about: 'kind', because }],
    };
  }
  const nameId = draft.nameId as YamlValue;
  return {
    entry: {
      ...common,
      ...(draft.sign !== undefined && draft.sign !== 'both' && { sign: draft.sign }),
      ...(draft.signature !== undefined && { signature: { algorithm: draft.signature } }),
      ...(draft.encrypt !== undefined && { encrypt: draft.encrypt }),
      nameId: Object.keys(draft.nameId).length === 0 ? undefined : nameId,
    },
    release,
    needsMetadata: true,
    identity: JSON.stringify(draft.entityId),
    told: [],
  };
}
