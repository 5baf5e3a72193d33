/** A decision drawn: each question, the answers that were possible, the one that was taken, and where it leads. */
import { html, type Html } from '../../http/html.ts';
import type { Decision, DecisionStep } from '../advice.ts';
import { boldSize, wrap } from './fit-text.ts';
import { counted } from '../figures.ts';

const width = 320;
const lineHeight = 19;
const spine = 22;
const mostSteps = 12;
const mostOptions = 8;

interface Drawn {
  readonly part: Html;
  readonly height: number;
}

const lines = (texts: readonly string[], x: number, y: number, className: string): readonly Html[] =>
  texts.map((text, index) => html`<text x="${x}" y="${y + index * lineHeight}" class="${className}">${text}</text>`);

/** Only a cut text needs its title. */
const titled = (whole: string, texts: readonly string[]): Html | undefined =>
  texts.at(-1)?.endsWith('…') === true ? html`<title>${whole.slice(0, 1_024)}</title>` : undefined;

function drawOption({ answer, taken }: DecisionStep['options'][number], top: number): Drawn {
  const texts = wrap(answer, width - spine - 46, taken ? boldSize : 13, 3);
  const y = top + 20;
  const mark = taken
    ? html`<circle class="full" cx="${spine + 24}" cy="${y}" r="9" /><path class="tick" d="M${spine + 20} ${y}l3 3.5l5.5 -6.5" />`
    : html`<circle class="open" cx="${spine + 24}" cy="${y}" r="6" />`;
  return {
    part: html`<g>
      ${titled(answer, texts)}
      <path class="${taken ? 'way' : 'aside'}" d="M${spine} ${y}H${spine + (taken ? 16 : 18)}" />
      ${mark}${lines(texts, spine + 42, y + 5, taken ? 'b' : 's')}
    </g>`,
    height: 12 + texts.length * lineHeight,
  };
}

function drawStep({ question, options }: DecisionStep, top: number): Drawn {
  const texts = wrap(question, width - 30, boldSize, 5);
  const box = 22 + texts.length * lineHeight;
  const answers: Html[] = [];
  let y = top + box;
  for (const option of options.slice(0, mostOptions)) {
    const { part, height } = drawOption(option, y);
    answers.push(part);
    y += height;
  }
  const foot = y + 26;
  return {
    part: html`<g>
      ${titled(question, texts)}
      <path class="way" d="M${spine} ${top + box}V${foot - 7}" />
      <path class="tip" d="M${spine - 6} ${foot - 10}h12l-6 9z" />
      <rect class="step" x="1" y="${top + 1}" width="${width - 2}" height="${box - 2}" rx="10" />
      ${lines(texts, 15, top + 26, 'b')}${answers}
    </g>`,
    height: foot - top,
  };
}

function draw({ steps, outcome }: Decision): Drawn {
  const parts: Html[] = [];
  let y = 0;
  for (const step of steps.slice(0, mostSteps)) {
    const { part, height } = drawStep(step, y);
    parts.push(part);
    y += height;
  }
  const texts = wrap(outcome, width - 30, boldSize, 6);
  const box = 22 + texts.length * lineHeight;
  parts.push(
    html`<g>
      ${titled(outcome, texts)}
      <rect class="end" x="1" y="${y + 1}" width="${width - 2}" height="${box - 2}" rx="10" />
      ${lines(texts, 15, y + 26, 'on')}
    </g>`,
  );
  return { part: html`${parts}`, height: y + box };
}

/** Sentences of ours are shorter; names within them may be anything. */
const brief = (text: string): string => (text.length > 600 ? `${text.slice(0, 600)}…` : text);

const taken = ({ options }: DecisionStep): string =>
  options
    .filter((option) => option.taken)
    .map(({ answer }) => answer)
    .join('; ');

/** The drawing, and beside it the same in words, with the figures that decided. @param subject such as `Forests and accounts` */
export function decisionPath(subject: string, decision: Decision): Html {
  const { part, height } = draw(decision);
  const steps = decision.steps.map(
    (step) =>
      html`<li>
        <b>${brief(step.question)}</b><strong>${brief(taken(step)) || 'Open'}</strong><span>${brief(step.because)}</span>
      </li>`,
  );
  const alternative = `The decision path of ${subject}, drawn: ${counted(decision.steps.length, 'question')}. It is told in words beside it.`;
  return html`<div class="pair">
    <figure>
      <svg role="img" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" aria-label="${alternative}">
        ${part}
      </svg>
    </figure>
    <ol class="because">
      ${steps}
      <li class="end"><b>${brief(decision.outcome)}</b></li>
    </ol>
  </div>`;
}
