/** How the outlets of the audit trail do. */
import type { Reading } from './gauges.ts';
import type { Metrics } from './metrics.ts';
import type { OutletState } from './outlets.ts';

/** @returns what tells how they are now; to be called every few seconds */
export function measureAudit(
  metrics: Pick<Metrics, 'measured' | 'auditLost'>,
  outlets: () => readonly OutletState[],
): () => void {
  const counted = new Map<OutletState['outlet'], number>();
  return () => {
    const states = outlets();
    for (const { outlet, lost } of states) {
      const more = lost - (counted.get(outlet) ?? 0);
      if (more > 0) metrics.auditLost(outlet, more);
      counted.set(outlet, lost);
    }
    metrics.measured([['passerelle_audit_outlet_up', states.map(({ outlet, up }): Reading => [[outlet], up ? 1 : 0])]]);
  };
}
