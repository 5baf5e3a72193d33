/** The reference page of the log, made from the tables of events and fields. */
import { events, schemaVersion } from '../audit/events.ts';
import { eventFields } from '../audit/events-fields.ts';
import { renderTable } from '../config/render-table.ts';

const opening = `# Audit events

<!-- Made by \`passerelle config reference\`; do not edit. -->

Each outcome is one event, and each event one line of JSON (RFC 8259) in UTF-8. This is version ${String(schemaVersion)} of the
schema: further events and fields may come within it; whatever changes its meaning or goes raises the number. Never in any line:
passwords, cookies, codes, tokens, private keys, assertions, SAMLRequest, SAMLResponse, RelayState.

Lines go to standard output (short ones for people where that is a terminal), and to whatever
[\`audit\`](configuration.md#audit) names beside it: a file, a syslog server, the store. \`log.level\` is the least severe level on
standard output; the others get every event.
`;

const notes = `## Notes

Lines whose \`event\` is \`note\` tell of what happens outside any request: starts and stops, warnings of the configuration,
troubles with what Passerelle depends on. They go to standard output alone and belong to no chain.
`;

const chains = `## Chains

Each process writes one chain of lines: \`seq\` counts them, and each has the \`hash\` of the one before as \`previous\`. The first is
\`audit.begun\`, the last \`audit.ended\`. A process that finds a file tells in its first line how far the chains in it go, so that
an end that was cut, or a chain that was removed, shows; each new file begins with a line that says which chains go on in it. A
process that is killed leaves a chain without its end, which the next one names. \`passerelle audit verify\` checks all of it.
\`audit.witnessed\` names what was found in the store; the others name what was found in the file. Each is held to strictly where it
was found: of what was under way when a process was killed, one may have got more than the other. Lines that \`audit.lost\` tells
of are excused where they were lost, not elsewhere: name the way that a file came by \`--from\`.

The hash of a line is that of its text with \`,"hash":"…"\` taken out:

\`\`\`sh
tail -n 1 audit.jsonl | tr -d '\\n' | sed 's/,"hash":"[0-9a-f]*"}$/}/' | sha256sum
\`\`\`

Hashes show what somebody changed who does not write everything after it anew. Against whoever can do that, keep a copy where
they cannot write: a syslog server, or another machine's archive of the file. Both hold the same lines.
`;

const syslog = `## Syslog

Messages are those of RFC 5424, framed by their length (RFC 6587 §3.4.1), over TLS (RFC 5425) or TCP. APP-NAME is \`passerelle\`,
PROCID the chain, MSGID the event; the structured data \`passerelle@32473\` has \`event\`, \`reference\`, \`chain\` and \`seq\`; the
message is the line, with a byte order mark where it is not plain ASCII. Severity is 3 for \`error\`, 4 for \`warn\`, 6 for \`info\`.
A server that is away is asked again after 1 to 60 seconds; one that takes nothing for 30 seconds is told of. Up to 8 MiB wait for
it; what is lost beyond that is told by \`audit.lost\`. A connection that breaks may lose its last messages or bring them twice:
\`chain\` and \`seq\` tell.
`;

/** Text of `docs/audit-events.md`. */
export function renderEvents(): string {
  const eventTable = renderTable(
    ['Event', 'Level', 'What happened'],
    Object.entries(events).map(([name, { severity, what }]) => [`\`${name}\``, `\`${severity}\``, what]),
  );
  const fieldTable = renderTable(
    ['Field', 'Type', 'Personal', 'What it is'],
    Object.entries(eventFields).map(([name, { type, isPersonal, what }]) => [
      `\`${name}\``,
      type,
      isPersonal ? 'yes' : 'no',
      what,
    ]),
  );
  const fields = `## Fields

In this order; what an event does not have is left out. Text is at most 512 characters long, without control characters. Fields
that are marked personal are what \`audit.retention\` and the rights of people are about.

${fieldTable}`;
  return [opening, `## Events\n\n${eventTable}`, fields, notes, chains, syslog].join('\n');
}
