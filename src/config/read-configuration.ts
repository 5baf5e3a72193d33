/** Reads a configuration file: text, schema, rules, files; either all of it is right, or every mistake is told at once. */
import { dirname, resolve } from 'node:path';
import { completeAudit } from './complete-audit.ts';
import { completeCertificate } from './complete-certificate.ts';
import { completeFactors } from './complete-factors.ts';
import { completeStore } from './complete-store.ts';
import { completeDirectory, type AccountPath, type DirectoryConfiguration } from './directory-configuration.ts';
import { ConfigurationMistakes, sortMistakes, type Mistake } from './configuration-mistakes.ts';
import type { Environment } from './expand-environment.ts';
import { explainIssue } from './explain-issue.ts';
import { createFindings, textAt, type Findings } from './findings.ts';
import { outline } from './outline.ts';
import { readBounded, type ReadFile } from './read-bounded.ts';
import { schema, type Config } from './schema.ts';
import { parseSettings, type Settings } from './settings.ts';
import { verifyAlgorithms } from './verify-algorithms.ts';
import { verifyAudit, verifyAuditFiles } from './verify-audit.ts';
import { verifyCertificate, verifyCertificateFiles } from './verify-certificate.ts';
import { accountPaths, verifyDirectory } from './verify-directory.ts';
import { verifyDomains } from './verify-domains.ts';
import { verifyDuo, verifyDuoFiles } from './verify-duo.ts';
import { verifyFiles } from './verify-files.ts';
import { verifyKerberos, verifyKerberosFiles } from './verify-kerberos.ts';
import { verifyLimits } from './verify-limits.ts';
import { verifyMetadata } from './verify-metadata.ts';
import { verifyNetwork } from './verify-network.ts';
import { verifyRadius, verifyRadiusFiles } from './verify-radius.ts';
import { verifyPolicy } from './verify-policy.ts';
import { verifyServiceProviders } from './verify-service-providers.ts';
import { verifyStore, verifyStoreFiles } from './verify-store.ts';
import { verifyWebauthn, verifyWebauthnFiles } from './verify-webauthn.ts';
import { verifyHookFiles, verifyWebhook } from './verify-webhook.ts';

/** The configuration ready for use: paths are absolute, publicUrl is an origin, passwords have been read. */
export type Configuration = Omit<Config, 'directory'> & { readonly directory: DirectoryConfiguration };

export interface ConfigurationReading {
  readonly configuration: Configuration;
  /** What is probably not meant, though it is allowed; in the order of the file. */
  readonly warnings: readonly Mistake[];
}

const mostBytes = 1_048_576;

/**
 * @param parts.file its path
 * @param parts.shownAs what the mistakes call the file; its path otherwise
 * @param parts.environment for `${NAME}`
 * @throws ConfigurationMistakes
 */
export async function readConfiguration(parts: {
  file: string;
  shownAs?: string;
  environment: Environment;
  readFile?: ReadFile;
}): Promise<ConfigurationReading> {
  const { file, shownAs = file, environment, readFile = readBounded } = parts;
  const reading = await readFile(file, mostBytes);
  if ('trouble' in reading)
    throw wholeFile(shownAs, reading.trouble, 'passerelle init writes a starting file; --config names another one.');
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(reading.bytes);
  } catch {
    throw wholeFile(shownAs, 'is not UTF-8 text', 'Save it as UTF-8.');
  }

  const folder = dirname(resolve(file));
  const { settings, findings, config } = verifyText(text, environment);
  const passwords = settings.readable ? await verifyFiles({ settings, findings, folder, readFile }) : undefined;
  if (settings.readable) await verifyKerberosFiles({ settings, findings, folder, readFile });
  if (settings.readable) await verifyStoreFiles({ settings, findings, folder, readFile, mode: reading.mode });
  if (settings.readable) await verifyCertificateFiles({ settings, findings, folder, readFile });
  if (settings.readable) await verifyDuoFiles({ settings, findings, folder, readFile, mode: reading.mode });
  if (settings.readable) await verifyWebauthnFiles({ settings, findings, folder, readFile });
  if (settings.readable) await verifyHookFiles({ settings, findings, folder, readFile, mode: reading.mode });
  if (settings.readable) await verifyAuditFiles({ settings, findings, folder, readFile });
  if (settings.readable) await verifyRadiusFiles({ settings, findings, folder, readFile, mode: reading.mode });
  if ((reading.mode & 0o007) !== 0) {
    for (const path of accountPaths(settings)) {
      const at = [...path, 'password'];
      if (textAt(settings, at) === undefined || settings.isExpanded(at)) continue;
      findings.warning(at, 'stands in a file that everybody on this machine may read', 'Use passwordFile, or chmod 600.');
    }
  }
  if (findings.mistakes.length > 0 || config === undefined || passwords === undefined)
    throw new ConfigurationMistakes(shownAs, findings.mistakes);
  return { configuration: complete(config, passwords, folder), warnings: sortMistakes(findings.warnings) };
}

/** Everything that can be said of the text alone, without its files. `config` is undefined where the schema was broken. */
export function verifyText(
  text: string,
  environment: Environment,
): { settings: Settings; findings: Findings; config: Config | undefined } {
  const settings = parseSettings(text, environment);
  const findings = createFindings(settings);
  findings.mistakes.push(...settings.mistakes);
  if (!settings.readable) return { settings, findings, config: undefined };

  let result = schema.safeParse(settings.value);
  if (!result.success && convertExpanded(settings, result.error.issues)) result = schema.safeParse(settings.value);
  if (!result.success) {
    const root = outline();
    findings.mistakes.push(...result.error.issues.flatMap((issue) => explainIssue(issue, settings, root)));
  }
  for (const verify of [
    verifyNetwork,
    verifyDirectory,
    verifyKerberos,
    verifyCertificate,
    verifyWebauthn,
    verifyWebhook,
    verifyDuo,
    verifyRadius,
    verifyDomains,
    verifyServiceProviders,
    verifyPolicy,
    verifyMetadata,
    verifyAlgorithms,
    verifyLimits,
    verifyStore,
    verifyAudit,
  ])
    verify(settings, findings);
  return { settings, findings, config: result.data };
}

interface Issue {
  readonly code?: unknown;
  readonly expected?: unknown;
  readonly path: readonly PropertyKey[];
  readonly errors?: readonly (readonly Issue[])[];
}

/** Of a setting that may be written in several ways, what each of them has against it. */
const waysOf = (issue: Issue): readonly Issue[] => [
  issue,
  ...(issue.errors ?? []).flat().map((way) => ({ ...way, path: [...issue.path, ...way.path] })),
];

/** What comes from a variable is text; where the schema wants a number or a truth value and the text is one, it becomes one. */
function convertExpanded(settings: Settings, issues: readonly Issue[]): boolean {
  let converted = false;
  for (const issue of issues.flatMap(waysOf)) {
    const path = issue.path.filter((name) => typeof name !== 'symbol');
    const text = settings.at(path);
    if (issue.code !== 'invalid_type' || typeof text !== 'string' || !settings.isExpanded(path)) continue;
    // YAML 1.2.2 §10.3.2, decimal integers and truth values.
    if (issue.expected !== 'boolean' && /^[-+]?\d{1,15}$/.test(text)) settings.put(path, Number(text));
    else if (issue.expected === 'boolean' && /^(true|false)$/.test(text)) settings.put(path, text === 'true');
    else continue;
    converted = true;
  }
  return converted;
}

function complete(config: Config, passwords: ReadonlyMap<AccountPath, string>, folder: string): Configuration {
  const at = (path: string): string => resolve(folder, path);
  return {
    ...config,
    publicUrl: new URL(config.publicUrl).origin,
    ...(config.tls === undefined ? {} : { tls: { certFile: at(config.tls.certFile), keyFile: at(config.tls.keyFile) } }),
    directory: completeDirectory(config.directory, passwords, folder),
    ...(config.kerberos === undefined
      ? {}
      : { kerberos: { ...config.kerberos, keytab: at(config.kerberos.keytab), certFiles: config.kerberos.certFiles.map(at) } }),
    ...(config.certificate === undefined ? {} : { certificate: completeCertificate(config.certificate, at) }),
    factors: completeFactors(config.factors, at),
    serviceProviders: config.serviceProviders.map((provider) =>
      provider.kind === 'metadata' && provider.file !== undefined ? { ...provider, file: at(provider.file) } : provider,
    ),
    metadata: config.metadata.map((source) => ({
      ...source,
      keyFiles: source.keyFiles.map(at),
      ...(source.kind === 'file' && { file: at(source.file) }),
      ...(source.kind === 'folder' && { folder: at(source.folder) }),
    })),
    keys: { ...config.keys, folder: at(config.keys.folder) },
    store: completeStore(config.store, at),
    audit: completeAudit(config.audit, at),
    branding: {
      ...config.branding,
      ...(config.branding.logoFile === undefined ? {} : { logoFile: at(config.branding.logoFile) }),
      ...(config.branding.templates === undefined ? {} : { templates: at(config.branding.templates) }),
    },
  };
}

function wholeFile(file: string, message: string, hint: string): ConfigurationMistakes {
  return new ConfigurationMistakes(file, [{ line: 0, column: 0, path: '', message, hint }]);
}
