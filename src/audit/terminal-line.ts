/** One line of the log as a short line for people at a terminal; everything else reads the JSON. */

/** In this order; without their names where each is known by how it looks. */
const shown = {
  name: '',
  person: '',
  address: '',
  serviceProvider: '',
  remoteAddress: 'from ',
  server: 'by ',
  hint: '',
} as const;

/** Before what wants to be looked at. */
const marks: Readonly<Record<string, string>> = { warn: '!', error: '✗' };

/** As wide as most names of events, so that what follows stands in columns. */
const eventWidth = 18;

type Fields = Readonly<Record<string, unknown>>;

const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null;

/** A fault and its causes, each with where it comes from: the rest of its stack is for whoever reads the JSON. */
function faultInWords({ name, message, stack, cause }: Fields): string {
  const origin: unknown = Array.isArray(stack) ? stack[0] : undefined;
  const told = `${String(name)}: ${String(message)}${typeof origin === 'string' ? ` (${origin})` : ''}`;
  return isFields(cause) && Array.isArray(cause.stack) ? `${told}, caused by ${faultInWords(cause)}` : told;
}

function valueInWords(value: unknown): string {
  if (typeof value === 'string') return value;
  return isFields(value) && Array.isArray(value.stack) ? faultInWords(value) : JSON.stringify(value);
}

/** Such as `port 8080  codes [1,2]`. */
const inWords = (detail: Fields): readonly string[] =>
  Object.entries(detail).map(([name, value]) => `${name} ${valueInWords(value)}`);

/** @param line one event as JSON, already presentable. @throws SyntaxError where it is none */
export function terminalLine(line: string): string {
  const event: unknown = JSON.parse(line);
  if (!isFields(event)) return line;
  const text = (name: string) => {
    const value = event[name];
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
  const time = text('time')?.slice(11, 19);
  const name = text('event') ?? '';
  const { detail } = event;
  const parts = [
    time && `${time}Z`,
    `${marks[text('level') ?? ''] ?? ' '} ${name === 'note' ? (text('message') ?? '') : name.padEnd(eventWidth)}`,
    text('reference'),
    text('reason'),
    // Whose name is known needs no identifier beside it.
    ...Object.entries(shown).map(([field, before]) => {
      const value = field === 'person' && text('name') !== undefined ? undefined : text(field);
      return value === undefined ? undefined : `${before}${value}`;
    }),
    // How far chains go is for whoever verifies them.
    ...(isFields(detail) && !name.startsWith('audit.') ? inWords(detail) : []),
  ];
  return `${parts
    .filter((part) => part !== undefined)
    .join('  ')
    .trimEnd()}\n`;
}
