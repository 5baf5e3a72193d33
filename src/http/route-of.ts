/** Which page of ours a request came to, as the code names it: never a path as it came, of which strangers make as many as they like. */
import type { Request } from 'express';

/** Undefined where there is no such page. */
export function routeOf({ route, path }: Pick<Request, 'path'> & { readonly route?: unknown }): string | undefined {
  if (typeof route !== 'object' || route === null || !('path' in route)) return undefined;
  if (typeof route.path === 'string') return route.path;
  if (!Array.isArray(route.path)) return undefined;
  // One route for several pages: what equals one of them is no stranger's.
  const written = route.path.filter((one) => typeof one === 'string');
  return written.find((one) => one === path) ?? written.find((one) => one.includes(':') || one.includes('*'));
}
