/** The mapping to paste into the configuration. */
import { html } from '../../http/html.ts';
import type { Advice } from '../advice.ts';
import { section } from './section.ts';

function* content({ verdict }: Advice): Generator<string> {
  yield html`<pre tabindex="0" role="region" aria-label="Mapping as YAML"><code>${verdict.section}</code></pre>
    <p>
      Put it in the place of the section <code>mapping:</code> of the configuration, check with
      <code>passerelle config check</code>, and hold it against everybody with <code>passerelle advise --check</code> before
      people sign in.
    </p>`.text;
}

export const mappingSection = (advice: Advice): Iterable<string> =>
  section(
    'mapping',
    advice.verdict.isConfigured ? 'What is configured, and may stay.' : 'What should take the place of what is configured.',
    content(advice),
  );
