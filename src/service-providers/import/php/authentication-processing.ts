/** Follows what the filters of `authproc` and the list `attributes` make of a person's attributes, without a person. */
import type { ReleaseRuleConfig } from '../../../config/release-schema.ts';
import { nameIDFormats } from '../../../saml/names.ts';
import type { Told } from '../imported.ts';
import { directoryName, mapFile } from './attribute-names.ts';
import { NotPlainPhp, type PhpArray, type PhpValue } from './parse-php.ts';

export interface Processed {
  /** By the name in the assertion. */
  readonly rules: ReadonlyMap<string, ReleaseRuleConfig>;
  /** Whether anything limits what is released. */
  readonly isLimited: boolean;
  /** Name identifiers that filters make, by their format; undefined for one made of what nobody else can make. */
  readonly names: ReadonlyMap<string, ReleaseRuleConfig | undefined>;
  readonly held: readonly string[];
  readonly told: readonly Told[];
}

interface Filter {
  readonly priority: number;
  /** Without module and namespace marks, such as core:AttributeMap. */
  readonly name: string;
  readonly settings: PhpArray;
}

const none: PhpArray = new Map();
const directoryLike = /^[A-Za-z][A-Za-z0-9-]{0,63}$/;
/** They change nothing that is released, and let nobody in or out. */
const harmless: ReadonlySet<string> = new Set([
  'core:LanguageAdaptor',
  'core:StatisticsWithAttribute',
  'core:WarnShortSSOInterval',
  'core:ExtendIdPSession',
  'consent:Consent',
  'saml:AuthnContextClassRef',
]);
/** They make or change attributes in ways that no rule has; nobody is refused by them. */
const changing: ReadonlySet<string> = new Set([
  'core:AttributeAlter',
  'core:AttributeValueMap',
  'core:AttributeRealm',
  'core:CardinalitySingle',
  'core:GenerateGroups',
  'core:ScopeAttribute',
  'core:ScopeFromAttribute',
  'core:TargetedID',
  'saml:FilterScopes',
  'saml:NameIDAttribute',
  'saml:PersistentNameID2TargetedID',
]);
/** The attribute that some of them make where their settings name none. */
const madeByDefault: ReadonlyMap<string, string> = new Map([
  ['core:AttributeRealm', 'realm'],
  ['core:GenerateGroups', 'groups'],
  ['core:TargetedID', 'eduPersonTargetedID'],
  ['saml:NameIDAttribute', 'nameid'],
  ['saml:PersistentNameID2TargetedID', 'eduPersonTargetedID'],
]);

const textsOf = (value: PhpValue | undefined): readonly string[] =>
  typeof value === 'string'
    ? [value]
    : value instanceof Map
      ? [...value.values()].filter((each) => typeof each === 'string')
      : [];

function filtersOf(authproc: PhpValue | undefined, held: string[], told: Told[]): readonly Filter[] {
  if (authproc === undefined || authproc === null) return [];
  if (!(authproc instanceof Map)) {
    const text = authproc instanceof NotPlainPhp ? authproc.text : undefined;
    held.push('its filters (authproc) are not plain');
    told.push({ outcome: 'not plain', about: 'authproc', because: 'it is computed', text });
    return [];
  }
  return [...(authproc as PhpArray)].flatMap(([priority, value]): readonly Filter[] => {
    const settings = value instanceof Map ? (value as PhpArray) : none;
    const written = value instanceof Map ? settings.get('class') : value;
    if (typeof written === 'string' && typeof priority === 'number' && !settings.has('%precondition')) {
      const long = /^\\?SimpleSAML\\Module\\(\w+)\\Auth\\Process\\(\w+)$/.exec(written);
      return [{ priority, name: long === null ? written : `${long[1] ?? ''}:${long[2] ?? ''}`, settings }];
    }
    held.push(`the filter ${String(priority)} of authproc is not plain`);
    const text = written instanceof NotPlainPhp ? written.text : undefined;
    told.push({
      outcome: 'not plain',
      about: `authproc ${String(priority)}`,
      because: 'it is computed, or holds under a condition',
      text,
    });
    return [];
  });
}

/** Every name that is spoken of, where a person’s attributes begin. */
function start(filters: readonly Filter[], mentioned: readonly string[]): Map<string, ReleaseRuleConfig> {
  const names = new Set<string>(mentioned);
  for (const { settings } of filters) {
    for (const [key, value] of settings) {
      if (typeof key === 'string') names.add(key);
      for (const text of textsOf(value)) names.add(text);
    }
  }
  const state = new Map<string, ReleaseRuleConfig>();
  for (const name of names) {
    const from = directoryName(name);
    if (from !== undefined) {
      // Filters of the house as a whole, which this file does not hold, give it that name.
      state.set(name, { from });
      if (!state.has(from)) state.set(from, { from });
    } else if (directoryLike.test(name)) state.set(name, { from: name });
  }
  return state;
}

export class Processing {
  #state: Map<string, ReleaseRuleConfig>;
  readonly #names = new Map<string, ReleaseRuleConfig | undefined>();
  readonly #made = new Set<string>();
  readonly #held: string[] = [];
  readonly #told: Told[] = [];
  readonly #attributes: PhpArray | undefined;
  #isLimited = false;

  /** @param mentioned names that are spoken of elsewhere */
  constructor(authproc: PhpValue | undefined, attributes: PhpValue | undefined, mentioned: readonly string[]) {
    this.#attributes = attributes instanceof Map ? (attributes as PhpArray) : undefined;
    const filters = filtersOf(authproc, this.#held, this.#told);
    const listed =
      this.#attributes === undefined
        ? []
        : [...this.#attributes.keys(), ...textsOf(this.#attributes)].filter((name) => typeof name === 'string');
    this.#state = start(filters, [...listed, ...mentioned]);
    // What config.php has at its place by default.
    const limit: readonly Filter[] =
      this.#attributes === undefined ? [] : [{ priority: 50, name: 'core:AttributeLimit', settings: none }];
    for (const filter of [...filters, ...limit].toSorted((a, b) => a.priority - b.priority)) this.#apply(filter);
  }

  #tell(filter: Filter, because: string, outcome: Told['outcome'] = 'not plain'): void {
    this.#told.push({ outcome, about: `authproc ${String(filter.priority)}, ${filter.name}`, because });
  }

  #apply(filter: Filter): void {
    const { name, settings } = filter;
    switch (name) {
      case 'core:AttributeMap':
        this.#map(filter);
        return;
      case 'core:AttributeLimit':
        this.#limit(filter);
        return;
      case 'core:AttributeCopy':
        for (const [from, to] of settings) {
          const value = typeof from === 'string' && from !== 'class' ? this.#state.get(from) : undefined;
          if (value !== undefined) for (const each of textsOf(to)) this.#set(each, value);
        }
        return;
      case 'core:AttributeAdd':
        for (const [to, value] of settings) {
          const texts = textsOf(value);
          if (typeof to !== 'string' || to === 'class' || texts.length === 0) continue;
          if (this.#state.has(to) && ![...settings.values()].includes('%replace'))
            this.#tell(filter, `${to} has values of its own beside`, 'taken over with a difference');
          this.#set(to, { text: texts.length === 1 ? (texts[0] ?? '') : [...texts] });
        }
        return;
      case 'saml:TransientNameID':
        this.#names.set(nameIDFormats.transient, undefined);
        return;
      case 'saml:AttributeNameID': {
        const [format, attribute] = [settings.get('Format'), settings.get('identifyingAttribute') ?? settings.get('attribute')];
        if (typeof format === 'string' && typeof attribute === 'string') {
          this.#names.set(format, this.#state.get(attribute));
          return;
        }
        this.#held.push('the name that it is given is not plain');
        this.#tell(filter, 'its format or attribute is not plain');
        return;
      }
      case 'saml:PersistentNameID':
      case 'saml:SQLPersistentNameID':
        this.#names.set(nameIDFormats.persistent, undefined);
        return;
      default:
    }
    if (harmless.has(name)) this.#tell(filter, 'nothing is released by it', 'left out');
    else if (changing.has(name)) {
      for (const key of ['subject', 'target', 'targetAttribute', 'targetattribute', 'attribute', 'attributename'] as const) {
        const changed = settings.get(key);
        if (typeof changed === 'string') this.#state.delete(changed);
      }
      this.#state.delete(madeByDefault.get(name) ?? '');
      if (name === 'core:CardinalitySingle' || name === 'saml:FilterScopes')
        this.#tell(filter, 'several values are not made one, nor scopes verified', 'left out');
      else this.#tell(filter, 'no rule of Passerelle does the same; what it makes or changes is not released');
    } else {
      this.#held.push(`the filter ${name.slice(0, 80)} of authproc may have let in some people alone`);
      this.#tell(filter, 'it is not known what it does');
    }
  }

  #set(name: string, value: ReleaseRuleConfig): void {
    this.#state.set(name, value);
    this.#made.add(name);
  }

  #map(filter: Filter): void {
    const isDuplicate = [...filter.settings.values()].includes('%duplicate');
    const own = new Map<string, readonly string[]>();
    const files: ((name: string) => string)[] = [];
    for (const [from, to] of filter.settings) {
      if (from === 'class') continue;
      if (typeof from === 'string') own.set(from, textsOf(to));
      else if (typeof to === 'string' && to !== '%duplicate') {
        const file = mapFile(to);
        if (file === undefined) this.#tell(filter, `the map ${to} is not in this file`);
        else files.push(file);
      }
    }
    const next = new Map<string, ReleaseRuleConfig>();
    for (const [name, value] of this.#state) {
      const byFile = files.map((file) => file(name)).find((made) => made !== name);
      const targets = byFile !== undefined ? [byFile] : own.get(name);
      if (targets === undefined) {
        if (!next.has(name)) next.set(name, value);
        continue;
      }
      if (isDuplicate) next.set(name, value);
      for (const target of targets) {
        next.set(target, value);
        this.#made.add(target);
      }
    }
    this.#state = next;
  }

  #limit(filter: Filter): void {
    const { settings } = filter;
    const own = [...settings].filter(([key]) => key !== 'class' && key !== 'default');
    const isDefault = settings.get('default') === true;
    const list = (isDefault || own.length === 0) && this.#attributes !== undefined ? [...this.#attributes] : own;
    if (list.length === 0 && this.#attributes === undefined) return;
    this.#isLimited = true;
    const next = new Map<string, ReleaseRuleConfig>();
    for (const [key, value] of list) {
      const name = typeof key === 'string' ? key : typeof value === 'string' ? value : undefined;
      const found = name === undefined ? undefined : this.#state.get(name);
      if (name === undefined) this.#tell(filter, 'a name in it is computed');
      else if (found === undefined)
        this.#tell(filter, `${name.slice(0, 100)}: nothing plain says which attribute of the directory it is`);
      else if (typeof key === 'number') next.set(name, found);
      else {
        const isPlain = value instanceof Map && [...value.keys()].every((each) => typeof each === 'number');
        const texts = textsOf(value);
        if (isPlain && texts.length > 0 && found.text === undefined) next.set(name, { ...found, keep: { equals: [...texts] } });
        else this.#tell(filter, `${name.slice(0, 100)}: which of its values go on is not plain`);
      }
    }
    this.#state = next;
  }

  result(): Processed {
    const rules = this.#isLimited ? this.#state : new Map([...this.#state].filter(([name]) => this.#made.has(name)));
    return { rules, isLimited: this.#isLimited, names: this.#names, held: this.#held, told: this.#told };
  }

  /** What the attribute of that name is made of in the end. */
  valueOf(name: string): ReleaseRuleConfig | undefined {
    return this.#state.get(name) ?? (directoryLike.test(name) ? { from: name } : undefined);
  }
}
