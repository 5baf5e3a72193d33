/** Lines of the audit trail as they are shown: for people with the day above them, for programs as they are. */
import { terminalLine } from '../audit/terminal-line.ts';
import type { JournalEntry } from '../store/journal.ts';
import { plain, plainLine } from './plain.ts';

/** Answers the lines of entries, one after the other. */
export function createAuditLines({ json }: { readonly json: boolean }): (entry: Pick<JournalEntry, 'at' | 'text'>) => string {
  let day = '';
  return ({ at, text }) => {
    if (json) return `${plainLine(text)}\n`;
    const own = new Date(at).toISOString().slice(0, 10);
    const heading = own === day ? '' : `${own}\n`;
    day = own;
    return `${heading}${plain(forPeople(text))}\n`;
  };
}

function forPeople(text: string): string {
  try {
    return terminalLine(text).trimEnd();
  } catch (error) {
    // What somebody else wrote there.
    if (error instanceof SyntaxError) return text;
    throw error;
  }
}
