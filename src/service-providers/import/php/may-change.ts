/** Whether a piece of PHP could do more than give a value: what such a piece does to the entries around it nobody can tell. */

/** A node of the parser, of whatever kind. */
export interface Shape {
  readonly kind: string;
  readonly loc?: { readonly start: { readonly offset: number }; readonly end: { readonly offset: number } } | null;
  readonly [name: string]: unknown;
}

export const isShape = (value: unknown): value is Shape =>
  typeof value === 'object' && value !== null && 'kind' in value && typeof value.kind === 'string';
export const shapes = (value: unknown): readonly Shape[] => (Array.isArray(value) ? value.filter(isShape) : []);

/** They give a value out of the values in them. */
const giving: ReadonlySet<string> = new Set([
  ...[
    'string',
    'number',
    'boolean',
    'nullkeyword',
    'nowdoc',
    'encapsed',
    'encapsedpart',
    'magic',
    'name',
    'identifier',
    'selfreference',
  ],
  ...[
    'array',
    'entry',
    'bin',
    'unary',
    'cast',
    'retif',
    'silent',
    'isset',
    'empty',
    'offsetlookup',
    'staticlookup',
    'propertylookup',
  ],
  ...['variable', 'call', 'constantstatement', 'constant', 'inline'],
]);

/** A call may write to what it is given; functions of PHP's own write to nothing else that matters here. */
const isGivenEntries = (node: unknown): boolean =>
  Array.isArray(node)
    ? node.some(isGivenEntries)
    : isShape(node) &&
      ((node.kind === 'variable' && (node.name === 'metadata' || node.name === 'GLOBALS')) ||
        Object.values(node).some(isGivenEntries));

/** @throws RangeError where it nests too deeply */
export function mayChange(node: unknown): boolean {
  if (Array.isArray(node)) return node.some(mayChange);
  if (!isShape(node)) return false;
  if (!giving.has(node.kind) || node.byRef === true) return true;
  if (node.kind === 'variable') return typeof node.name !== 'string';
  if (node.kind === 'call' && isGivenEntries(node.arguments)) return true;
  return Object.values(node).some(mayChange);
}
