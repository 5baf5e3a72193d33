/** What a new password must keep, one line each, and which of it the last one broke. */
import type { PasswordPolicy } from '../directory/directory.ts';
import type { Refusal } from '../refusal.ts';
import type { PasswordRule } from './page-contents.ts';

/** @param policy undefined where none is known */
export function passwordRules(policy: PasswordPolicy | undefined, refusal: Refusal | undefined): readonly PasswordRule[] {
  if (policy === undefined) return [];
  const { breaches } = refusal?.detail ?? {};
  const broken = new Set<string>(typeof breaches === 'string' ? breaches.split(' ') : refusal && [refusal.reason]);
  const { minLength, complex, history, minAge, maxAge } = policy;
  const rules: PasswordRule[] = [];
  if (minLength > 1) rules.push({ label: 'length', count: minLength, broken: broken.has('new-password-short') });
  if (complex) {
    rules.push({ label: 'kinds', broken: broken.has('new-password-simple') });
    rules.push({ label: 'names', broken: broken.has('new-password-name') });
  }
  const used = broken.has('new-password-used');
  if (history === 1) rules.push({ label: 'previous', broken: used });
  if (history > 1) rules.push({ label: 'history', count: history, broken: used });
  if (minAge > 0) rules.push({ label: 'age', milliseconds: minAge, broken: false });
  if (maxAge !== undefined) rules.push({ label: 'life', milliseconds: maxAge, broken: false });
  return rules;
}
