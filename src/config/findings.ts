/** Gathers what the rules find, each finding with its place. */
import type { Mistake } from './configuration-mistakes.ts';
import type { Path, Settings } from './settings.ts';

export interface Findings {
  readonly mistakes: Mistake[];
  /** What may be meant but is probably not. */
  readonly warnings: Mistake[];
  mistake(path: Path, message: string, hint: string): void;
  warning(path: Path, message: string, hint: string): void;
}

export function createFindings(settings: Settings): Findings {
  const mistakes: Mistake[] = [];
  const warnings: Mistake[] = [];
  const make = (path: Path, message: string, hint: string): Mistake => ({
    ...settings.place(path),
    path: path.join('.'),
    message,
    hint,
  });
  return {
    mistakes,
    warnings,
    mistake: (path, message, hint) => mistakes.push(make(path, message, hint)),
    warning: (path, message, hint) => warnings.push(make(path, message, hint)),
  };
}

/** The sound text there, if any. */
export function textAt(settings: Settings, path: Path): string | undefined {
  const value = settings.at(path);
  return typeof value === 'string' ? value : undefined;
}

/** The sound texts of a list there, each with its path. */
export function textsAt(settings: Settings, path: Path): readonly { readonly text: string; readonly path: Path }[] {
  const list = settings.at(path);
  if (!Array.isArray(list)) return [];
  return list.flatMap((_, index) => {
    const text = textAt(settings, [...path, index]);
    return text === undefined ? [] : [{ text, path: [...path, index] }];
  });
}

/** The sound names and texts there, each with its path. */
export function pairsAt(
  settings: Settings,
  path: Path,
): readonly { readonly name: string; readonly text: string; readonly path: Path }[] {
  const map = settings.at(path);
  if (typeof map !== 'object' || map === null || Array.isArray(map)) return [];
  return Object.keys(map).flatMap((name) => {
    const text = textAt(settings, [...path, name]);
    return text === undefined ? [] : [{ name, text, path: [...path, name] }];
  });
}

/** The URL there, where it is one of these protocols. */
export function urlAt(settings: Settings, path: Path, protocols: readonly string[]): URL | undefined {
  const url = URL.parse(textAt(settings, path) ?? '');
  return url !== null && protocols.includes(url.protocol) ? url : undefined;
}
