/** The web hook that a configuration names, opened. */
import type { Clock, Random } from '../../clock.ts';
import type { WebhookConfig } from '../../config/webhook-schema.ts';
import { createAuthorities } from '../../directory/authorities.ts';
import type { Store } from '../../store/store.ts';
import type { Factor } from '../authenticator.ts';
import { readSecret } from '../read-secret.ts';
import { createWebhookFactor } from '../webhook.ts';
import { createAsk } from './ask.ts';
import { createExchange } from './exchange.ts';
import { createLiveQuestions } from './live-questions.ts';

/** @param parts `read` gives the text of a file. @throws Error where a file cannot be read */
export function openWebhook(
  config: WebhookConfig,
  parts: {
    store: Pick<Store, 'get' | 'update'>;
    clock: Clock;
    random: Random;
    read: (file: string) => string;
    note: (level: 'warn', message: string, detail: Readonly<Record<string, string>>) => void;
  },
): Factor & { close(): void } {
  const { store, clock, random, read, note } = parts;
  const secret = readSecret(config.secret, config.secretFile, read);
  if (secret === undefined) throw new Error('factors.webhook has neither secret nor secretFile.');
  const before = readSecret(config.previousSecret, config.previousSecretFile, read);
  const { url, caFile, timeout } = config;
  const authorities = createAuthorities(caFile === undefined ? undefined : () => read(caFile));
  const exchange = createExchange({ url, authorities, timeout });
  const ask = createAsk({ exchange, secrets: before === undefined ? [secret] : [secret, before], clock, random });
  const live = createLiveQuestions(store);
  return { ...createWebhookFactor({ settings: config, ask, live, note, clock, random }), close: () => exchange.close() };
}
