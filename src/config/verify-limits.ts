/** The rules about times and numbers that belong together. */
import type { Findings } from './findings.ts';
import { schema } from './schema.ts';
import type { Settings } from './settings.ts';

// What Microsoft's security baselines recommend for the lockout threshold.
const usualLockout = 10;

export function verifyLimits(settings: Settings, findings: Findings): void {
  const session = schema.shape.session.safeParse(settings.at(['session']));
  if (session.success && session.data.idle > session.data.absolute) {
    const path = ['session', settings.has(['session', 'idle']) ? 'idle' : 'absolute'];
    findings.mistake(
      path,
      'makes session.idle longer than session.absolute',
      'A session ends after session.absolute in any case.',
    );
  }
  const throttle = schema.shape.throttle.safeParse(settings.at(['throttle']));
  if (throttle.success && throttle.data.attemptsPerAccount >= usualLockout) {
    findings.warning(
      ['throttle', 'attemptsPerAccount'],
      'may be at or above the directory’s lockout threshold',
      'Keep it below, so that guessing here never locks anybody out there.',
    );
  }
}
