/** One event as a short line for people at a terminal; everything else reads the JSON. */

const shown = ['name', 'person', 'address', 'serviceProvider', 'remoteAddress', 'server', 'hint'] as const;

/** @param line one event as JSON, already presentable */
export function terminalLine(line: string): string {
  const event: unknown = JSON.parse(line);
  if (typeof event !== 'object' || event === null) return line;
  const fields = new Map<string, unknown>(Object.entries(event));
  const text = (name: string) => {
    const value = fields.get(name);
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
  const level = text('level');
  const time = text('time')?.slice(11, 19);
  const parts = [
    time && `${time}Z`,
    level === 'info' ? undefined : level,
    text('event'),
    text('message'),
    text('reason'),
    text('reference'),
    ...shown.map(text),
    fields.has('detail') ? JSON.stringify(fields.get('detail')) : undefined,
  ];
  return `${parts.filter((part) => part !== undefined).join('  ')}\n`;
}
