/** The rules of the house, which hold for src: who may import whom, who may touch `process`, how long a file is and how it opens. */
import { posix } from 'node:path';
import ts from 'typescript';

/** Imports go from a line to a lower one, never up and never between two rooms of one line. */
export const lines: readonly (readonly string[])[] = [
  ['main'],
  ['cli'],
  ['demo', 'doctor', 'advisor'],
  ['workers'],
  ['serve'],
  ['passerelle'],
  ['http'],
  ['signin'],
  ['authenticators', 'service-providers', 'mapping'],
  ['saml', 'directory', 'store', 'keys'],
  ['audit', 'config'],
  ['refusal', 'clock'],
];

/** The one room that imports each third-party package or guarded part of Node. */
export const packages: Readonly<Record<string, string>> = {
  ldapts: 'directory',
  samlify: 'saml',
  'xml-crypto': 'saml',
  '@peculiar/x509': 'keys',
  'reflect-metadata': 'keys',
  express: 'http',
  passport: 'http',
  eta: 'http',
  uqr: 'http',
  'node:cluster': 'workers',
  kysely: 'store',
  pg: 'store',
  'node:sqlite': 'store',
  pino: 'audit',
  '@opentelemetry/api': 'audit',
  zod: 'config',
  yaml: 'config',
  'php-parser': 'service-providers',
  tldts: 'advisor',
  kerberos: 'authenticators',
  '@simplewebauthn/server': 'authenticators',
  '@simplewebauthn/browser': 'http',
};

/** Those that are no dependency: whoever configures what needs them brings them by a command of its own. */
export const optionalPackages: readonly string[] = ['kerberos'];

/** The one file that imports what a setting names: the operator's own factor. */
const loader = 'src/authenticators/own/load-own.ts';

/** What stands in a checkout: paths from its root, such as `src/saml/xml.ts`, and their text. */
export type Sources = ReadonlyMap<string, string>;

const longest = 350;

const roomOf = (path: string): string => (path.split('/')[1] ?? '').replace(/(\.d)?\.ts$/, '');
const lineOf = (room: string): number => lines.findIndex((rooms) => rooms.includes(room));
const packageOf = (specifier: string): string => {
  const [scope = '', name = ''] = specifier.split('/');
  return scope.startsWith('@') ? `${scope}/${name}` : scope;
};

interface Reading {
  /** Specifiers as written; undefined for one that is no literal. */
  readonly imports: readonly (string | undefined)[];
  readonly touchesProcess: boolean;
}

/** An identifier that stands for a value, and is not merely the name of somebody's property. */
function isReference(node: ts.Identifier): boolean {
  const { parent } = node;
  const isPropertyName =
    (ts.isPropertyAccessExpression(parent) && parent.name === node) ||
    (ts.isQualifiedName(parent) && parent.right === node) ||
    ((ts.isPropertyAssignment(parent) || ts.isPropertySignature(parent) || ts.isPropertyDeclaration(parent)) &&
      parent.name === node) ||
    ((ts.isMethodDeclaration(parent) || ts.isMethodSignature(parent)) && parent.name === node);
  return !isPropertyName;
}

function read(path: string, text: string): Reading {
  const imports: (string | undefined)[] = [];
  const processNames: ts.Node[] = [];
  const literal = (node: ts.Node | undefined): string | undefined =>
    node !== undefined && ts.isStringLiteralLike(node) ? node.text : undefined;
  const visit = (node: ts.Node): void => {
    if ((ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) && node.moduleSpecifier !== undefined) {
      imports.push(literal(node.moduleSpecifier));
    } else if (ts.isImportTypeNode(node)) {
      imports.push(ts.isLiteralTypeNode(node.argument) ? literal(node.argument.literal) : undefined);
    } else if (ts.isCallExpression(node) && isImportOrRequire(node.expression)) {
      imports.push(literal(node.arguments[0]));
    } else if (ts.isIdentifier(node) && node.text === 'process' && isReference(node)) {
      processNames.push(node);
    } else if (ts.isPropertyAccessExpression(node) && node.name.text === 'process' && isGlobal(node.expression)) {
      processNames.push(node);
    }
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true));
  const touchesProcess = processNames.length > 0 || imports.some((name) => name === 'process' || name === 'node:process');
  return { imports, touchesProcess };
}

const isImportOrRequire = (node: ts.Expression): boolean =>
  node.kind === ts.SyntaxKind.ImportKeyword || (ts.isIdentifier(node) && node.text === 'require');
const isGlobal = (node: ts.Expression): boolean => ts.isIdentifier(node) && ['globalThis', 'global'].includes(node.text);

function judgeRelative(path: string, specifier: string, sources: Sources): string | undefined {
  const target = posix.join(posix.dirname(path), specifier);
  if (!target.startsWith('src/')) {
    return `${path} imports ${specifier}, which lies outside src`;
  }
  if (!sources.has(target)) {
    return `${path} imports ${specifier}, which is not there`;
  }
  const [from, to] = [roomOf(path), roomOf(target)];
  if (from !== to && lineOf(to) >= 0 && lineOf(from) >= lineOf(to)) {
    return `${path} imports ${specifier}: ${from} may not import ${to}, which stands ${lineOf(from) === lineOf(to) ? 'beside' : 'above'} it`;
  }
  return undefined;
}

function judgePackage(path: string, specifier: string): string | undefined {
  const name = packageOf(specifier);
  const room = packages[name];
  if (room === undefined) {
    return name.startsWith('node:') ? undefined : `${path} imports ${name}, which has no room yet`;
  }
  return room === roomOf(path) ? undefined : `${path} imports ${name}, which belongs to ${room} alone`;
}

/** Every ring of files that import each other, told once, at the file where it was met first. */
function cycles(graph: ReadonlyMap<string, readonly string[]>): readonly string[] {
  const found: string[] = [];
  const done = new Set<string>();
  const walk = (path: string, trail: readonly string[]): void => {
    const met = trail.indexOf(path);
    if (met >= 0) {
      found.push(`${[...trail.slice(met), path].join(' -> ')} is a cycle`);
      return;
    }
    if (!done.has(path)) {
      for (const next of graph.get(path) ?? []) {
        walk(next, [...trail, path]);
      }
      done.add(path);
    }
  };
  for (const path of graph.keys()) {
    walk(path, []);
  }
  return found;
}

/** Every breach of the rules by the files of src, one sentence each. */
export function breaches(sources: Sources): readonly string[] {
  const found: string[] = [];
  const graph = new Map<string, readonly string[]>();
  for (const [path, text] of sources) {
    if (lineOf(roomOf(path)) < 0) {
      found.push(`${path}: the room ${roomOf(path)} has no line in the table`);
    }
    const { imports, touchesProcess } = read(path, text);
    if (touchesProcess && path !== 'src/main.ts') {
      found.push(`${path} touches process, which src/main.ts alone may do`);
    }
    const near: string[] = [];
    for (const specifier of imports) {
      if (specifier === undefined) {
        if (path === loader) continue;
        found.push(`${path} imports by an expression that cannot be read`);
        continue;
      }
      const isRelative = specifier.startsWith('.');
      const breach = isRelative ? judgeRelative(path, specifier, sources) : judgePackage(path, specifier);
      if (breach !== undefined) {
        found.push(breach);
      }
      if (isRelative) {
        near.push(posix.join(posix.dirname(path), specifier));
      }
    }
    graph.set(path, near);
    const length = text.replace(/\n$/, '').split('\n').length;
    if (length > longest) {
      found.push(`${path} has ${String(length)} lines, more than ${String(longest)}`);
    }
    if (!/^\/\*\*\s+(?!@)[^]*?[.!?]\s*\*\//.test(text)) {
      found.push(`${path} does not open with a sentence in /** … */`);
    }
  }
  return [...found, ...cycles(graph)];
}

/** Packages of package.json without their row in docs/dependencies.md, and rows without their package. */
export function undocumented(names: readonly string[], page: string): readonly string[] {
  const rows = [...page.matchAll(/^\| `([^`]+)` +\|/gm)].map(([, name]) => name ?? '');
  return [
    ...names.filter((name) => !rows.includes(name)).map((name) => `${name} has no row in docs/dependencies.md`),
    ...rows
      .filter((name) => !names.includes(name))
      .map((name) => `${name} stands in docs/dependencies.md and not in package.json`),
  ];
}
