/** What an import makes of somebody else's export, before it is judged and written. */
import type { AccessConfig } from '../../config/access-schema.ts';
import type { SignatureName } from '../../config/algorithm-names.ts';
import type { NameIDSettings } from '../../config/name-id-schema.ts';
import type { ReleaseRuleConfig } from '../../config/release-schema.ts';

/** What became of one thing in the export. */
export interface Told {
  readonly outcome: 'taken over' | 'taken over with a difference' | 'left out' | 'not plain';
  /** Which setting or rule. */
  readonly about: string;
  /** What it became, or why it did not; a sentence without its full stop. */
  readonly because: string;
  /** As it stood in the export, where it is not plain; never a secret. */
  readonly text?: string | undefined;
}

/** A service provider's attributes: Name in the assertion, then its rules, of which the configuration takes one for each entry. */
export type AttributeRules = ReadonlyMap<string, readonly ReleaseRuleConfig[]>;

export interface EndpointDraft {
  /** A binding URN. */
  readonly binding: string;
  readonly location: string;
  readonly responseLocation?: string | undefined;
}

export interface AcsDraft extends EndpointDraft {
  readonly index?: number | undefined;
  readonly isDefault?: boolean | undefined;
}

/** What its metadata are to say. */
export interface MetadataDraft {
  readonly assertionConsumerServices: readonly AcsDraft[];
  readonly singleLogoutServices: readonly EndpointDraft[];
  /** Certificates, DER in base64. */
  readonly signing: readonly string[];
  readonly encryption: readonly string[];
  readonly authnRequestsSigned: boolean;
  /** Milliseconds since the epoch. */
  readonly validUntil?: number | undefined;
}

/** One service provider as it was read. */
export interface Draft {
  readonly entityId: string;
  readonly name: string | undefined;
  readonly sign?: 'both' | 'response' | 'assertion' | undefined;
  readonly signature?: SignatureName | undefined;
  readonly encrypt?: 'assertion' | 'nameId' | 'never' | undefined;
  readonly nameId: Partial<NameIDSettings>;
  readonly attributes: AttributeRules;
  readonly access?: Partial<AccessConfig> | undefined;
  readonly metadata: MetadataDraft;
  /** Why it must not be used before somebody has looked at it; its entry is then written as a comment. */
  readonly held: readonly string[];
  /** The same, on account of the name that it knows people by: of no account for Google, who know people by their address. */
  readonly heldByName: readonly string[];
  readonly told: readonly Told[];
}

/** What an export holds. */
export interface Export {
  readonly drafts: readonly Draft[];
  /** What is no service provider for SAML 2.0, or none that can be made out. */
  readonly leftOut: readonly { readonly name: string; readonly because: string }[];
  /** Of the export as a whole. */
  readonly told: readonly Told[];
}

/** The file cannot be read at all; one sentence. */
export class ImportMistake extends Error {
  override readonly name = 'ImportMistake';
}
