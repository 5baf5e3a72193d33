/** The sections of the factors ready for use: paths are absolute. */
import type { FactorsConfig } from './factors-schema.ts';

/** @param at makes a path absolute */
export function completeFactors(factors: FactorsConfig, at: (path: string) => string): FactorsConfig {
  const { duo, own, radius, webauthn, webhook } = factors;
  /** That section with those paths, where they are given. */
  function located<Section extends object>(section: Section, ...names: readonly (keyof Section & string)[]): Section {
    const paths = names.flatMap((name): [string, string][] => {
      const path = section[name];
      return typeof path === 'string' ? [[name, at(path)]] : [];
    });
    return { ...section, ...Object.fromEntries(paths) };
  }
  return {
    ...factors,
    webauthn: located(webauthn, 'caFile'),
    ...(webhook !== undefined && { webhook: located(webhook, 'secretFile', 'previousSecretFile', 'caFile') }),
    ...(duo !== undefined && { duo: located(duo, 'clientSecretFile', 'caFile') }),
    ...(own !== undefined && { own: located(own, 'module') }),
    ...(radius !== undefined && { radius: located(radius, 'secretFile') }),
  };
}
