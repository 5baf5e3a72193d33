/** Reports to show: of a small company, of a large and ill one, of a hostile directory, and of one without anybody. */
import type { Advice } from '../../src/advisor/advice.ts';
import { emptyAdvice } from './empty-advice.ts';
import { hostileAdvice } from './hostile-advice.ts';
import { illAdvice } from './ill-advice.ts';
import { smallAdvice } from './small-advice.ts';

export const specimenAdvice = {
  small: smallAdvice,
  ill: illAdvice,
  hostile: hostileAdvice,
  empty: emptyAdvice,
} as const satisfies Record<string, Advice>;
