import { BlockList, isIP } from "node:net";
import type { Outside, OutsideDestination, OutsideMode } from "../xds/outside.ts";
import type { XdsUpdate } from "../xds/subscription.ts";

/** What the choice of an upstream reads of the outside. */
export interface OutsideView {
  readonly mode: OutsideMode;
  /** `host` in lower case. Of several the one that lists the port, of the caller's namespace, the oldest. */
  find(host: string, port: number, callerNamespace: string): OutsideDestination | undefined;
}

interface Network {
  readonly block: BlockList;
  readonly destination: OutsideDestination;
}

/** Destinations outside of the mesh as the control plane last told them. Changes are one synchronous step. */
export class OutsideDestinations implements OutsideView {
  readonly #resources = new Map<string, Outside>();
  readonly #listeners = new Set<() => void>();
  /** By host, `*.suffix` and single addresses too. */
  #byHost = new Map<string, readonly OutsideDestination[]>();
  #networks: readonly Network[] = [];
  #mode: OutsideMode = "ALLOW_ANY";

  get mode(): OutsideMode {
    return this.#mode;
  }

  onChange(listener: () => void): void {
    this.#listeners.add(listener);
  }

  apply({ upserted, removed }: XdsUpdate<Outside>): undefined {
    for (const name of removed) {
      this.#resources.delete(name);
    }
    for (const { name, value } of upserted) {
      this.#resources.set(name, value);
    }
    this.#index();
    for (const listener of this.#listeners) {
      listener();
    }
  }

  /** All that are known, for the admin page. */
  list(): readonly OutsideDestination[] {
    return [...this.#resources.values()].flatMap((outside) =>
      outside.kind === "destination" ? [outside.destination] : [],
    );
  }

  find(host: string, port: number, callerNamespace: string): OutsideDestination | undefined {
    let found: OutsideDestination | undefined;
    let foundRank = Number.POSITIVE_INFINITY;
    for (const candidates of this.#candidates(host)) {
      for (const destination of candidates) {
        const { visibleTo, namespace, ports } = destination;
        if (visibleTo.length > 0 && !visibleTo.includes(callerNamespace)) {
          continue;
        }
        const rank = (ports.includes(port) ? 0 : 2) + (namespace === callerNamespace ? 0 : 1);
        if (rank < foundRank) {
          found = destination;
          foundRank = rank;
        }
      }
    }
    return found;
  }

  /** The host itself before wildcards, longer wildcards before shorter ones; of an address, networks come last. */
  *#candidates(host: string): Iterable<readonly OutsideDestination[]> {
    yield this.#byHost.get(host) ?? [];
    const family = isIP(host);
    if (family !== 0) {
      const kind = family === 4 ? "ipv4" : "ipv6";
      yield this.#networks.flatMap(({ block, destination }) => (block.check(host, kind) ? [destination] : []));
      return;
    }
    for (let dot = host.indexOf("."); dot >= 0; dot = host.indexOf(".", dot + 1)) {
      yield this.#byHost.get(`*${host.slice(dot)}`) ?? [];
    }
  }

  #index(): void {
    const byHost = new Map<string, OutsideDestination[]>();
    const networks: Network[] = [];
    const add = (host: string, destination: OutsideDestination): void => {
      const group = byHost.get(host);
      if (group === undefined) {
        byHost.set(host, [destination]);
      } else {
        group.push(destination);
      }
    };
    this.#mode = "ALLOW_ANY";
    for (const outside of [...this.#resources.values()].sort(byAge)) {
      if (outside.kind === "policy") {
        this.#mode = outside.mode;
        continue;
      }
      const { destination } = outside;
      add(destination.host, destination);
      for (const address of destination.addresses) {
        const block = networkOf(address);
        if (block !== undefined) {
          networks.push({ block, destination });
        }
      }
    }
    this.#byHost = byHost;
    this.#networks = networks;
  }
}

/** A network or an address; what is neither covers nothing. */
function networkOf(text: string): BlockList | undefined {
  const [address = "", length] = text.split("/");
  const family = isIP(address);
  const bits = length === undefined ? (family === 4 ? 32 : 128) : Number(length);
  if (family === 0 || !Number.isInteger(bits) || bits < 0 || bits > (family === 4 ? 32 : 128)) {
    return undefined;
  }
  const block = new BlockList();
  block.addSubnet(address, bits, family === 4 ? "ipv4" : "ipv6");
  return block;
}

const byAge = (a: Outside, b: Outside): number => {
  if (a.kind === "policy" || b.kind === "policy") {
    return a.kind === b.kind ? 0 : a.kind === "policy" ? -1 : 1;
  }
  const [one, other] = [a.destination, b.destination];
  return (
    one.createdAtMs - other.createdAtMs ||
    (`${one.namespace}/${one.name}` < `${other.namespace}/${other.name}` ? -1 : 1)
  );
};
