import { BlockList, isIP } from "node:net";

/**
 * Whether an address lies in the mesh's own piece of the loopback range (`address-block.ts`), told by any address in it.
 * False where the mesh has addresses of another kind.
 */
export function meshNetwork(own: string): (address: string) => boolean {
  const [, block] = /^127\.(\d{1,3})\.\d{1,3}\.\d{1,3}$/.exec(own) ?? [];
  const network = new BlockList();
  // `127.0.0.0/16` is nobody's: what else runs on the machine listens there.
  if (block !== undefined && Number(block) > 0) {
    network.addSubnet(`127.${block}.0.0`, 16, "ipv4");
  }
  return (address) => {
    const family = isIP(address);
    return family !== 0 && network.check(address, family === 4 ? "ipv4" : "ipv6");
  };
}
