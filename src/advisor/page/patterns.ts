/** The patterns of the charts, drawn once for the whole page: `p2` to `p7`; the first kind of bar is plain. */
import { html } from '../../http/html.ts';

export const patterns = html`<svg class="patterns" aria-hidden="true" focusable="false">
  <defs>
    <pattern id="p2" width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
      <rect width="7" height="7" />
      <rect class="w2" width="4" height="7" />
    </pattern>
    <pattern id="p3" width="7" height="7" patternUnits="userSpaceOnUse">
      <rect width="7" height="7" />
      <circle class="w3" cx="3.5" cy="3.5" r="2" />
    </pattern>
    <pattern id="p4" width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(-45)">
      <rect width="7" height="7" />
      <rect class="w4" width="3" height="7" />
    </pattern>
    <pattern id="p5" width="8" height="8" patternUnits="userSpaceOnUse">
      <rect width="8" height="8" />
      <path class="ks k5" d="M0 0L8 8M8 0L0 8" />
    </pattern>
    <pattern id="p6" width="6" height="5" patternUnits="userSpaceOnUse">
      <rect width="6" height="5" />
      <rect class="w6" width="6" height="2" />
    </pattern>
    <pattern id="p7" width="5" height="6" patternUnits="userSpaceOnUse">
      <rect width="5" height="6" />
      <rect class="w7" width="2.5" height="6" />
    </pattern>
  </defs>
</svg>`;
