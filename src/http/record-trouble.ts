/** Tells the audit of trouble: of a refusal with what an administrator should look at, of a fault with its cause. */
import type { Audit, AuditEvent } from '../audit/audit.ts';
import type { Steps } from '../audit/steps.ts';
import type { Refusal } from '../refusal.ts';

/** What is known of the exchange. */
interface Troubled {
  readonly reference: string;
  readonly remoteAddress: string;
  /** ID of the request. */
  readonly request?: string | undefined;
  /** Entity ID. */
  readonly serviceProvider?: string | undefined;
  /** As typed. */
  readonly name?: string | undefined;
}

export interface RecordTrouble {
  refusal(troubled: Troubled, refusal: Refusal, event?: AuditEvent['event']): void;
  fault(troubled: Pick<Troubled, 'reference' | 'remoteAddress'>, error: unknown): void;
}

export function createRecordTrouble(parts: {
  audit: Audit;
  directory: { readonly server: string };
  steps: Pick<Steps, 'tell'>;
}): RecordTrouble {
  const { audit, directory, steps } = parts;
  return {
    refusal({ reference, request, serviceProvider, name, remoteAddress }, refusal, event = 'signin.refused') {
      const { person, ...detail } = refusal.detail;
      steps.tell('refusal', { reason: refusal.reason, event, person, why: detail });
      audit.record({
        event,
        reference,
        request,
        serviceProvider,
        person: typeof person === 'string' ? person : undefined,
        name: name === undefined || name === '' ? undefined : name.slice(0, 256),
        remoteAddress,
        server: directory.server,
        reason: refusal.reason,
        hint: refusal.row.hint,
        detail,
      });
    },
    fault({ reference, remoteAddress }, error) {
      steps.tell('refusal', { fault: error instanceof Error ? error.message : String(error) });
      audit.record({
        event: 'fault',
        reference,
        remoteAddress,
        detail: { cause: error instanceof Error ? error : String(error) },
      });
    },
  };
}
