/** Trouble as a refusal, where it is one. */
import { Refusal } from '../refusal.ts';

const isClientError = (error: unknown): error is Error & { status: number } =>
  error instanceof Error && 'status' in error && typeof error.status === 'number' && error.status >= 400 && error.status < 500;

/** A Refusal as it is; what Express and its body parser throw about a request, as refusals; undefined for a fault. */
export function refusalOf(error: unknown): Refusal | undefined {
  if (error instanceof Refusal) return error;
  if (!isClientError(error)) return undefined;
  if (error.status === 413) return new Refusal('request-too-large');
  return new Refusal('form-malformed', { cause: error.message.slice(0, 100) });
}
