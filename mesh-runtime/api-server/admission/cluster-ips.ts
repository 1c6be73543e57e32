import { errors } from "../api-error.ts";
import type { Store } from "../store/store.ts";

/** 10.96.0.0/16; the first address is the API's own. */
export const serviceRange = { prefix: "10.96", first: "10.96.0.1", last: 0xfffe } as const;
/** Kubernetes' range of node ports. */
const nodePortRange = { min: 30_000, max: 32_767 } as const;

interface ServiceLike {
  spec?: {
    clusterIP?: string;
    clusterIPs?: readonly string[];
    healthCheckNodePort?: number;
    ports?: readonly { nodePort?: number }[];
  };
}

/** Gives Services free addresses and node ports. What is taken is read from the store, so nothing is ever leaked. */
export interface ServiceAllocator {
  /** A free address, or `wished` itself. Throws 422 when it is out of range or taken. */
  clusterIp(wished?: string): string;
  nodePort(wished?: number): number;
}

export function createServiceAllocator(store: Store): ServiceAllocator {
  // Begins where the last search ended, so that an address of a deleted Service is not reused at once.
  let nextIp = 10;
  let nextPort: number = nodePortRange.min;
  const services = (): ServiceLike[] => store.list("/services").map(({ object }) => object as ServiceLike);
  const refuse = (field: string, value: string | number, why: string): never => {
    throw errors.invalid("", "Service", "", [
      { reason: "FieldValueInvalid", field, message: `Invalid value: ${JSON.stringify(value)}: ${why}` },
    ]);
  };
  return {
    clusterIp(wished) {
      const taken = new Set(services().flatMap(({ spec }) => spec?.clusterIPs ?? [spec?.clusterIP ?? ""]));
      if (wished !== undefined) {
        const [a, b, c, d] = wished.split(".").map(Number);
        const host = (c ?? 0) * 256 + (d ?? 0);
        if (`${a}.${b}` !== serviceRange.prefix || host < 1 || host > serviceRange.last) {
          return refuse(
            "spec.clusterIPs",
            wished,
            `failed to allocate IP ${wished}: the provided IP (${wished}) is not in the valid range. The range of valid IPs is 10.96.0.0/16`,
          );
        }
        return taken.has(wished)
          ? refuse("spec.clusterIPs", wished, `failed to allocate IP ${wished}: provided IP is already allocated`)
          : wished;
      }
      for (let tries = 0; tries < serviceRange.last; tries++) {
        const host = nextIp;
        nextIp = nextIp >= serviceRange.last ? 10 : nextIp + 1;
        const address = `${serviceRange.prefix}.${host >> 8}.${host & 0xff}`;
        if (!taken.has(address)) {
          return address;
        }
      }
      throw errors.unavailable("the service address range is full");
    },
    nodePort(wished) {
      const taken = new Set(
        services().flatMap(({ spec }) => [
          ...(spec?.ports ?? []).map(({ nodePort }) => nodePort),
          spec?.healthCheckNodePort,
        ]),
      );
      if (wished !== undefined) {
        if (wished < nodePortRange.min || wished > nodePortRange.max) {
          return refuse(
            "spec.ports[0].nodePort",
            wished,
            `provided port is not in the valid range. The range of valid ports is ${nodePortRange.min}-${nodePortRange.max}`,
          );
        }
        return taken.has(wished)
          ? refuse("spec.ports[0].nodePort", wished, "provided port is already allocated")
          : wished;
      }
      for (let tries = 0; tries <= nodePortRange.max - nodePortRange.min; tries++) {
        const port = nextPort;
        nextPort = nextPort >= nodePortRange.max ? nodePortRange.min : nextPort + 1;
        if (!taken.has(port)) {
          return port;
        }
      }
      throw errors.unavailable("the node port range is full");
    },
  };
}
