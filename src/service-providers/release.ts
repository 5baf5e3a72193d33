/** What a service provider is told about a person beside the name identifier: nothing, unless a rule says so. */
import { noSteps, type Steps } from '../audit/steps.ts';
import type { AttributesConfig, ReleaseConfig } from '../config/release-schema.ts';
import type { ServiceProviderConfig } from '../config/schema.ts';
import type { Directory, Further, FurtherWanted, Person } from '../directory/directory.ts';
import type { RequestedAttribute } from '../saml/service-provider.ts';
import type { Attribute } from '../saml/response.ts';
import { evaluateRule, readsFurther, type Evaluation, type Facts } from './evaluate-rule.ts';
import { presets } from './presets/presets.ts';
import { whyNot } from './recipients.ts';
import { verifyLimits } from './release-limits.ts';
import { releaseRules, type ReleaseRule, type Source } from './release-rule.ts';
import { requestedAttributes, requestFor } from './requested-attributes.ts';
import type { RegisteredServiceProvider } from './service-provider.ts';

/** What the answer is about. */
export interface ReleaseRequest {
  /** The person's address under the mapping; undefined where they have none, and need none. */
  readonly address: string | undefined;
  /** As the request has it. */
  readonly attributeConsumingServiceIndex: number | undefined;
}

/** What became of one rule. */
export interface RuleResult {
  readonly rule: ReleaseRule;
  /** Where it stands: the service provider's own entry and preset, or an entry of `release`. */
  readonly origin: string;
  /** Why it was not applied; undefined where it was. */
  readonly because: string | undefined;
  /** Undefined where it was not applied. */
  readonly evaluation: Evaluation | undefined;
  /** What goes out by it. */
  readonly values: readonly string[];
}

export interface Release {
  /**
   * The attributes to release, in the order of the rules: those of the service provider, then those of `release`. Attributes
   * without a value are left out.
   * @throws Refusal attributes-too-large, attributes-not-ascii, attribute-character-forbidden, attribute-consuming-service-unknown,
   *   and those of the directory where a rule needs more than the person
   */
  attributes(serviceProvider: RegisteredServiceProvider, person: Person, request: ReleaseRequest): Promise<readonly Attribute[]>;
  /** What each rule makes of them. @throws Refusal attribute-consuming-service-unknown, and those of the directory */
  results(serviceProvider: RegisteredServiceProvider, person: Person, request: ReleaseRequest): Promise<readonly RuleResult[]>;
}

const nothing: Further = { bytes: {}, groups: [] };

interface Applied {
  readonly rule: ReleaseRule;
  readonly origin: string;
  readonly because: string | undefined;
  /** The only values asked for; empty where any is. */
  readonly askedValues: readonly string[];
}

function apply(
  rule: ReleaseRule,
  origin: string,
  excluded: string | undefined,
  requested: readonly RequestedAttribute[],
): Applied {
  const asked = rule.requested === undefined ? undefined : requestFor(rule, requested);
  const notAsked =
    rule.requested !== undefined && asked === undefined
      ? 'its metadata does not ask for it'
      : rule.requested === 'required' && asked?.isRequired !== true
        ? 'its metadata asks for it, but not as required'
        : undefined;
  return { rule, origin, because: excluded ?? notAsked, askedValues: asked?.values ?? [] };
}

/** What the rules need of the directory beyond the person; undefined where they need nothing. */
function furtherWanted(rules: readonly ReleaseRule[]): FurtherWanted | undefined {
  const wanting = rules.filter(({ source }) => readsFurther(source));
  if (wanting.length === 0) return undefined;
  const bytes = wanting.flatMap(({ source }) => (source.kind === 'attribute' ? [source.attribute.toLowerCase()] : []));
  const groups = wanting.flatMap(({ source, keep }) => (source.kind === 'groups' ? [{ source, keep }] : []));
  return {
    bytes: [...new Set(bytes)],
    groups:
      groups.length === 0
        ? undefined
        : {
            nested: groups.some(({ source }) => source.nested),
            entries: groups.some(({ source, keep }) => source.by !== 'sid' || !source.nested || keep !== undefined),
          },
  };
}

/** One attribute for each name and format, with all its values. */
function gather(results: readonly RuleResult[]): readonly Attribute[] {
  const gathered = new Map<string, { attribute: Attribute; values: Set<string> }>();
  for (const { rule, values } of results) {
    if (values.length === 0) continue;
    const { name, nameFormat, friendlyName } = rule;
    const key = JSON.stringify([name, nameFormat]);
    const before = gathered.get(key);
    if (before === undefined) {
      const attribute = { name, nameFormat, ...(friendlyName === undefined ? {} : { friendlyName }), values: [] };
      gathered.set(key, { attribute, values: new Set(values) });
    } else {
      for (const value of values) before.values.add(value);
    }
  }
  return [...gathered.values()].map(({ attribute, values }) => ({ ...attribute, values: [...values] }));
}

/** A trail holds so many of a list. */
const mostTold = 30;

export function createRelease(parts: {
  release: ReleaseConfig;
  directory: Pick<Directory, 'readFurther'>;
  steps?: Pick<Steps, 'tell'>;
}): Release {
  const { directory, steps = noSteps } = parts;
  const shared = parts.release.map(({ to, attributes }, index) => ({
    to,
    origin: `release.${String(index)}`,
    rules: releaseRules(attributes).map((rule) =>
      to === 'everybody' ? rule : { ...rule, requested: rule.requested ?? to.requested },
    ),
  }));

  async function results(
    serviceProvider: RegisteredServiceProvider,
    person: Person,
    { address, attributeConsumingServiceIndex }: ReleaseRequest,
  ): Promise<readonly RuleResult[]> {
    const requested = requestedAttributes(serviceProvider, attributeConsumingServiceIndex);
    const all = [
      ...serviceProvider.rules.map((rule) => apply(rule, 'serviceProviders', undefined, requested)),
      ...shared.flatMap(({ to, origin, rules }) => {
        const excluded = whyNot(to, serviceProvider);
        return rules.map((rule) => apply(rule, origin, excluded, requested));
      }),
    ];
    const wanted = furtherWanted(all.flatMap(({ rule, because }) => (because === undefined ? [rule] : [])));
    const further = wanted === undefined ? nothing : await directory.readFurther(person, wanted);
    if (further.incomplete !== undefined) throw further.incomplete;
    const facts: Facts = { person, address, further };
    return all.map(({ rule, origin, because, askedValues }) => {
      if (because !== undefined) return { rule, origin, because, evaluation: undefined, values: [] };
      const evaluation = evaluateRule(rule, facts);
      const values =
        askedValues.length === 0 ? evaluation.values : evaluation.values.filter((value) => askedValues.includes(value));
      return { rule, origin, because, evaluation, values };
    });
  }

  /** By their names: what they hold goes to the service provider alone. */
  function tell(made: readonly RuleResult[]): void {
    for (let from = 0; from === 0 || from < made.length; from += mostTold) {
      const rules = made.slice(from, from + mostTold).map(({ rule, origin, because, values }) => ({
        name: rule.name,
        origin,
        values: values.length,
        because,
      }));
      steps.tell('release', { rules });
    }
  }

  return {
    results,
    async attributes(serviceProvider, person, request) {
      const made = await results(serviceProvider, person, request);
      tell(made);
      const attributes = gather(made);
      verifyLimits(attributes, serviceProvider);
      return attributes;
    },
  };
}

/** The attribute that a rule reads with the person as text; undefined where it reads none. */
function textRead(source: Source): string | undefined {
  if (source.kind === 'groups') return readsFurther(source) ? undefined : 'memberOf';
  return source.kind === 'attribute' && !readsFurther(source) ? source.attribute : undefined;
}

/** The directory attributes that must be read of every person so that everything configured can be released. */
export function released(serviceProviders: readonly ServiceProviderConfig[], release: ReleaseConfig): readonly string[] {
  const sections: readonly AttributesConfig[] = [
    ...serviceProviders.flatMap((config): readonly AttributesConfig[] => [
      config.attributes,
      'preset' in config && config.preset !== undefined ? presets[config.preset].attributes : {},
      config.kind === 'google-workforce' && config.groups ? presets['google-workforce'].attributes : {},
    ]),
    ...release.map(({ attributes }) => attributes),
  ];
  const names = new Map<string, string>();
  for (const { source } of sections.flatMap(releaseRules)) {
    const name = textRead(source);
    if (name !== undefined && !names.has(name.toLowerCase())) names.set(name.toLowerCase(), name);
  }
  return [...names.values()];
}
