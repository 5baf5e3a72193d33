/** A message of ours in the HTTP-Redirect binding (saml-bindings §3.4.4.1): deflated into a URL, with its signature beside it. */
import { deflateRawSync } from 'node:zlib';
import type { MessageParameter } from './message.ts';
import type { Signer } from './signer.ts';

/** The URL to send the browser to. `location` is a registered endpoint; its own query is kept. */
export async function redirectMessage(
  location: string,
  message: { readonly holder: MessageParameter; readonly xml: string; readonly relayState: string | undefined },
  signer: Signer,
): Promise<string> {
  const parts = [
    [message.holder, deflateRawSync(message.xml).toString('base64')],
    ...(message.relayState === undefined ? [] : [['RelayState', message.relayState] as const]),
    ['SigAlg', signer.algorithm],
  ] as const;
  const signed = parts.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('&');
  const [base = ''] = location.split('#', 1);
  const joint = base.includes('?') ? '&' : '?';
  return `${base}${joint}${signed}&Signature=${encodeURIComponent(await signer.sign(signed))}`;
}
