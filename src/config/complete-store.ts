/** The section of the store ready for use: paths are absolute, and the URL holds no password. */
import type { StoreConfig } from './store-schema.ts';

/** @param at makes a path absolute */
export function completeStore(config: StoreConfig, at: (path: string) => string): StoreConfig {
  const { url, password, passwordFile, caFile, folder } = config;
  const parsed = url === undefined ? undefined : new URL(url);
  const inUrl = decodeURIComponent(parsed?.password ?? '');
  if (parsed !== undefined) parsed.password = '';
  return {
    ...config,
    file: at(config.file),
    ...(parsed !== undefined && { url: parsed.href }),
    ...(password === undefined && inUrl !== '' && { password: inUrl }),
    ...(passwordFile !== undefined && { passwordFile: at(passwordFile) }),
    ...(caFile !== undefined && { caFile: at(caFile) }),
    ...(folder !== undefined && { folder: at(folder) }),
  };
}
