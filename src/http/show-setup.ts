/** Shows a person what they set up, on the page of its kind. */
import type { Setup } from '../authenticators/authenticator.ts';
import type { Exchange } from './exchange.ts';
import type { EnrolPage } from './page-contents.ts';

/** As people read and type what is long. */
const inFours = (text: string): string => text.replaceAll(/.{4}(?=.)/g, '$& ');

/** `status` of the answer; `page` is what all those pages have in common. */
export function showSetup(exchange: Exchange, status: number, setup: Setup, page: EnrolPage): void {
  if (setup.kind === 'totp') exchange.page(status, 'enrol-totp', { ...page, uri: setup.uri, key: inFours(setup.key) });
  else exchange.page(status, 'enrol-webauthn', { ...page, options: JSON.stringify(setup.options) });
}
