/** Lists of addresses and networks as administrators write them. */
import { BlockList, isIP } from 'node:net';

/** An address alone, or a network in CIDR form; undefined where the text is neither. */
export function parseNetwork(
  text: string,
): { readonly address: string; readonly family: 'ipv4' | 'ipv6'; readonly bits: number } | undefined {
  const [, address = '', prefix] = /^([0-9A-Fa-f.:]+)(?:\/(0|[1-9]\d{0,2}))?$/.exec(text) ?? [];
  const version = isIP(address);
  if (version === 0) return undefined;
  const most = version === 4 ? 32 : 128;
  const bits = prefix === undefined ? most : Number(prefix);
  return bits <= most ? { address, family: version === 4 ? 'ipv4' : 'ipv6', bits } : undefined;
}

/** Whether an address lies in one of the networks; what is no address lies in none. */
export function createNetworkList(networks: readonly string[]): (address: string) => boolean {
  const list = new BlockList();
  for (const text of networks) {
    const network = parseNetwork(text);
    if (network !== undefined) list.addSubnet(network.address, network.bits, network.family);
  }
  return (address) => {
    const [bare = ''] = address.split('%', 1);
    const version = isIP(bare);
    return version !== 0 && list.check(bare, version === 4 ? 'ipv4' : 'ipv6');
  };
}
