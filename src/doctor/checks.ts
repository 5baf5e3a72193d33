/** The one table of checks: what each looks at, when it warns and fails, and what to do about it. */
import { between } from './checks/between.ts';
import { inside } from './checks/inside.ts';
import { outside } from './checks/outside.ts';
import { areas, type Area, type CheckRow } from './checks/row.ts';

const table = { ...outside, ...between, ...inside } as const;

/** Row by row, so that a proof can be asked of each verdict that one claims to have. */
export type CheckTable = typeof table;

export type CheckId = keyof CheckTable;

/** In the order of the report. */
export const checks: Readonly<Record<CheckId, CheckRow>> = table;

export const checkIds: readonly CheckId[] = Object.keys(table).filter((id): id is CheckId => Object.hasOwn(table, id));

export const areaOf = (id: CheckId): Area => {
  const found = areas.find((area) => id.startsWith(`${area}.`));
  if (found === undefined) throw new Error(`no area has the check ${id}`);
  return found;
};
