/** Sends messages of ours through the browser, by the binding of the endpoint that they go to (saml-bindings §3.4, §3.5). */
import { protectLineEnds } from './escape.ts';
import type { MessageParameter } from './message.ts';
import { bindings } from './names.ts';
import { redirectMessage } from './redirect-message.ts';
import type { Endpoint } from './service-provider.ts';
import { sign, type Signer } from './signer.ts';

/** An element in exclusive canonical form, around the place of its signature: after its Issuer (saml-core §5.4.1). */
export interface Built {
  readonly id: string;
  readonly before: string;
  readonly after: string;
}

export type Outgoing =
  | { readonly by: 'redirect'; readonly url: string }
  | {
      readonly by: 'post';
      readonly location: string;
      readonly holder: MessageParameter;
      /** The message in base64. */
      readonly message: string;
      readonly relayState: string | undefined;
    };

/** The endpoint over HTTP-Redirect or HTTP-POST to use: the one over `preferred` where there is one, else the first. */
export function chooseEndpoint(endpoints: readonly Endpoint[], preferred?: string): Endpoint | undefined {
  const usable = endpoints.filter(({ binding }) => binding === bindings.httpRedirect || binding === bindings.httpPost);
  return usable.find(({ binding }) => binding === preferred) ?? usable[0];
}

/** Signs the message in its binding's way. `location` is the endpoint's Location, or its ResponseLocation for a response. */
export async function sendThroughBrowser(
  to: { readonly binding: string; readonly location: string },
  holder: MessageParameter,
  { id, before, after }: Built,
  relayState: string | undefined,
  signer: Signer,
): Promise<Outgoing> {
  if (to.binding === bindings.httpRedirect) {
    const url = await redirectMessage(to.location, { holder, xml: protectLineEnds(before + after), relayState }, signer);
    return { by: 'redirect', url };
  }
  const signed = protectLineEnds(await sign(before, after, id, signer));
  return { by: 'post', location: to.location, holder, message: Buffer.from(signed).toString('base64'), relayState };
}
