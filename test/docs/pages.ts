/** The pages that people read, taken apart: commands, blocks, tables, links, headings and what stands in backticks. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export const root = join(import.meta.dirname, '../..');

export interface Block {
  /** The word behind the fence. */
  readonly language: string;
  readonly text: string;
}

export interface Page {
  /** From the root of the checkout. */
  readonly path: string;
  readonly text: string;
  readonly blocks: readonly Block[];
  /** One line each, continuation lines joined. */
  readonly commands: readonly string[];
  /** Cells of every table row, heads and rulers left out. */
  readonly rows: readonly (readonly string[])[];
  /** Targets of links and images. */
  readonly links: readonly string[];
  /** As GitHub makes them from headings. */
  readonly anchors: readonly string[];
  /** What stands in backticks. */
  readonly spans: readonly string[];
}

const fence = /^( *)```(\w*)\n([^]*?)^\1```$/gm;

function blocksOf(text: string): readonly Block[] {
  return [...text.matchAll(fence)].map(([, indent = '', language = '', body = '']) => ({
    language,
    text: body.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
  }));
}

function commandsOf(blocks: readonly Block[]): readonly string[] {
  return blocks
    .filter(({ language }) => language === 'sh')
    .flatMap(({ text }) => text.replaceAll(/\\\n\s*/g, '').split('\n'))
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
}

function rowsOf(prose: string): readonly (readonly string[])[] {
  const lines = prose.split('\n').map((line) => line.trim());
  const isRow = (line: string | undefined): boolean => line?.startsWith('|') === true;
  return lines
    .filter((line, index) => isRow(line) && !/^\| *:?-/.test(line) && isRow(lines[index - 1]))
    .map((line) =>
      line
        .slice(1, -1)
        .split('|')
        .map((cell) => cell.trim()),
    );
}

function anchorsOf(prose: string): readonly string[] {
  const seen = new Map<string, number>();
  return [...prose.matchAll(/^#{1,6} +(.+)$/gm)].map(([, heading = '']) => {
    const slug = heading
      .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-');
    const before = seen.get(slug) ?? 0;
    seen.set(slug, before + 1);
    return before === 0 ? slug : `${slug}-${String(before)}`;
  });
}

function readPage(path: string, text: string): Page {
  const blocks = blocksOf(text);
  const prose = text.replaceAll(fence, '');
  const bare = prose.replaceAll(/`[^`]*`/g, '');
  return {
    path,
    text,
    blocks,
    commands: commandsOf(blocks),
    rows: rowsOf(prose),
    links: [...bare.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target),
    anchors: anchorsOf(prose),
    spans: [...prose.matchAll(/`([^`]+)`/g)].map(([, span = '']) => span.replaceAll(/\s+/g, ' ')),
  };
}

/** Every page of the checkout. */
export const pages: readonly Page[] = globSync(['*.md', 'docs/**/*.md', 'test/testbed/*.md'], { cwd: root })
  .toSorted()
  .map((path) => readPage(path, readFileSync(join(root, path), 'utf8')));

export function pageAt(path: string): Page {
  const found = pages.find((page) => page.path === path);
  if (found === undefined) throw new Error(`there is no ${path}`);
  return found;
}

/** The text of the block of that language in that page which holds `part`. */
export function blockWith(path: string, language: string, part: string): string {
  const found = pageAt(path).blocks.filter((block) => block.language === language && block.text.includes(part));
  if (found.length !== 1) throw new Error(`${path} has ${String(found.length)} ${language} blocks with ${part}`);
  return found[0]?.text ?? '';
}
