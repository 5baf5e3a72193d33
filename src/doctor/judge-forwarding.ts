/** Judges from how a request with a forged X-Forwarded-For arrived whether people's addresses are known, and no forged ones believed. */
import { BlockList, isIPv6 } from 'node:net';
import type { Finding, Tell } from './check.ts';
import { plainAddress } from './plain-address.ts';

/** Of a documentation network (RFC 5737), which nobody has. */
export const forged = '192.0.2.66';

export interface Arrival {
  /** Whom the house takes it to come from. */
  readonly remoteAddress: string;
  readonly peer: { readonly address: string; readonly port: number };
  readonly forwardedFor: string | null;
}

export interface Departure {
  /** Our own end of the connection. */
  readonly local: { readonly address: string; readonly port: number };
  /** `trustProxy` of the configuration. */
  readonly trustProxy: readonly string[];
}

function networksOf(trustProxy: readonly string[]): BlockList {
  const list = new BlockList();
  for (const entry of trustProxy) {
    const [network = '', bits] = entry.split('/');
    const family = isIPv6(network) ? 'ipv6' : 'ipv4';
    if (bits === undefined) list.addAddress(network, family);
    else list.addSubnet(network, Number(bits), family);
  }
  return list;
}

const trustRemedy = (address: string): string =>
  `Name the proxy in trustProxy: ${address}, if that is it; nobody else can then say where a request comes from.`;

export function judgeForwarding(check: Tell, arrival: Arrival, { local, trustProxy }: Departure): Finding {
  const trusted = networksOf(trustProxy);
  const isTrusted = (address: string): boolean => {
    const plain = plainAddress(address);
    return trusted.check(plain, isIPv6(plain) ? 'ipv6' : 'ipv4');
  };
  const seen = plainAddress(arrival.remoteAddress);
  const peer = plainAddress(arrival.peer.address);
  const own = plainAddress(local.address);
  const chain = (arrival.forwardedFor ?? '').split(',').flatMap((part) => (part.trim() === '' ? [] : [part.trim()]));
  const appended = chain.slice(chain.indexOf(forged) + 1);

  if (peer === own && arrival.peer.port === local.port) {
    if (seen === forged || trustProxy.length > 0)
      return check.warning(
        'publicUrl leads from here to Passerelle without a proxy, though trustProxy names some',
        'Leave trustProxy empty where there is no proxy; where there is one, let publicUrl lead to it from here, too.',
      );
    return check.ok(`no proxy is between: it comes from ${seen}, and a forged X-Forwarded-For is not believed`);
  }
  if (seen === forged) {
    if (appended.length === 0)
      return check.problem(
        `a forged X-Forwarded-For is handed on by ${peer} and believed: anybody can choose the address that counts`,
        'Let the proxy append the address of whoever asks to X-Forwarded-For, or set it anew.',
      );
    // What this machine says of itself is believed where it is a proxy, too, and says nothing of others.
    if (appended.some((address) => plainAddress(address) === own))
      return check.ok(`the proxy ${peer} appends ${appended.join(', ')}; this machine is itself in trustProxy, others are not`);
    return check.problem(
      `a forged X-Forwarded-For is believed, since ${appended.join(', ')} is in trustProxy`,
      'Take out of trustProxy whatever is no proxy.',
    );
  }
  if (seen === peer && !isTrusted(peer)) {
    const through = chain.length === 0 ? 'and hands on no X-Forwarded-For' : 'and is not in trustProxy';
    return check.problem(`everybody seems to come from ${peer}, which stands between ${through}`, trustRemedy(peer));
  }
  if (seen === peer)
    return check.problem(
      `everybody seems to come from ${peer}, which hands on no X-Forwarded-For`,
      'Let the proxy set X-Forwarded-For to the address of whoever asks.',
    );
  const [first = seen] = appended;
  if (plainAddress(first) !== seen)
    return check.problem(`everybody seems to come from ${seen}, which is a proxy before the proxy ${peer}`, trustRemedy(seen));
  return check.ok(`it comes from ${seen} by the proxy ${peer}, and a forged X-Forwarded-For is not believed`);
}
