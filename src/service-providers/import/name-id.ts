/** Which of our name identifiers stands for the one that a service provider was given. */
import type { NameIDSettings } from '../../config/name-id-schema.ts';
import type { ReleaseRuleConfig } from '../../config/release-schema.ts';
import { nameIDFormats } from '../../saml/names.ts';
import type { Told } from './imported.ts';

export interface NameIDReading {
  readonly nameId: Partial<NameIDSettings>;
  readonly told: readonly Told[];
  readonly held: readonly string[];
}

const about = 'NameID';
const short = (format: string): string => format.replace(/^.*:/, '');
const holdsAddress: ReadonlySet<string> = new Set(['mail', 'userprincipalname']);

const describe = (source: ReleaseRuleConfig): string =>
  source.from ?? (source.address === true ? 'the address' : source.text === undefined ? 'groups' : 'fixed text');

const held = (because: string): NameIDReading => ({
  nameId: {},
  told: [{ outcome: 'not plain', about, because }],
  held: [because],
});

/**
 * @param format as the export has it; undefined where it says none
 * @param source of what the name was made; undefined where it was made of nothing that a person has
 */
export function readNameID(format: string | undefined, source: ReleaseRuleConfig | undefined): NameIDReading {
  const given = format ?? nameIDFormats.unspecified;
  // AD FS writes any value under any format: one that is made of something is not new each time.
  if (given === nameIDFormats.transient && source === undefined) {
    const because = 'a new name each time, which is nameId.format: transient';
    return { nameId: { format: 'transient', offered: [] }, told: [{ outcome: 'taken over', about, because }], held: [] };
  }
  if (source === undefined) {
    return given === nameIDFormats.persistent
      ? held(
          'the persistent names would be others than before, so that it would know nobody again: see nameId in the documentation',
        )
      : held(`nothing plain says what the name of the format ${short(given)} is made of`);
  }
  if (source.match !== undefined || source.rename !== undefined || source.keep !== undefined) {
    return held(
      `the name was made of ${describe(source)}, of some values alone or rewritten on the way; here it is the address of everybody: see mapping.substitute and access`,
    );
  }
  const from = source.from?.toLowerCase();
  if (from === 'objectguid' && source.as === 'base64') {
    const outcome = given === nameIDFormats.persistent ? 'taken over' : 'taken over with a difference';
    const because = 'objectGUID in base64, which is nameId.persistent: immutableId; its format is persistent';
    return {
      nameId: { format: 'persistent', offered: [], persistent: 'immutableId' },
      told: [{ outcome, about, because }],
      held: [],
    };
  }
  if (given === nameIDFormats.persistent) {
    return held(
      `the persistent name was made of ${describe(source)}; here it is an opaque one, so that it would know nobody again`,
    );
  }
  if (source.address !== true && !holdsAddress.has(from ?? '')) {
    return held(`the name was made of ${describe(source)}; here it can be the address, or an opaque name`);
  }
  const differences = [
    ...(source.address === true
      ? []
      : [`it is the address of the section mapping, which must give what ${describe(source)} gave`]),
    ...(given === nameIDFormats.emailAddress ? [] : [`its format is emailAddress, which was ${short(given)}`]),
  ];
  const outcome = differences.length === 0 ? 'taken over' : 'taken over with a difference';
  const because = `the address, which is nameId.format: emailAddress${differences.map((each) => `; ${each}`).join('')}`;
  return { nameId: { format: 'emailAddress', offered: [] }, told: [{ outcome, about, because }], held: [] };
}

/** Where the export gives no name at all. */
export const noNameID: NameIDReading = {
  nameId: { format: 'none', offered: [] },
  told: [{ outcome: 'taken over', about, because: 'no name was given, which is nameId.format: none' }],
  held: [],
};
