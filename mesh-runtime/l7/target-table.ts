import type { ProxyConfig } from "../xds/proxy-config.ts";
import type { EngineTarget } from "./engine.ts";
import { emptyPlace, listenerPlace, type Place, type PlacedTarget, servicePlace, workloadPlace } from "./place.ts";
import type { PlannerOptions } from "./plan/index.ts";

/** Ports of one pod that are made ready at once; beyond them the one goes that was not asked for for longest. */
const workloadPortsMax = 64;
/** Targets beyond that which follow the configuration as long as streams are served by them; others serve nothing then. */
const trimmedMax = 256;

/** How the places of a configuration are made. */
export type PlaceTools = Omit<PlannerOptions, "scope" | "config">;

interface Prepared {
  readonly config: ProxyConfig;
  readonly places: ReadonlyMap<string, Place>;
  /** Keys of service ports by `<host>:<port>`, host a name or a ClusterIP. */
  readonly destinations: ReadonlyMap<string, string>;
}

/**
 * The places of the configuration. A target stays the same object over configurations, so that a kept connection is
 * served by what holds now.
 */
export class TargetTable {
  readonly #tools: PlaceTools;
  readonly #targets = new Map<string, PlacedTarget>();
  /** Targets that had to go. Streams that are still served by them must not keep what held then. */
  readonly #trimmed = new Set<WeakRef<PlacedTarget>>();
  #prepared: Prepared | undefined;

  constructor(tools: PlaceTools) {
    this.#tools = tools;
  }

  /** Makes everything ready before anything is replaced. Throws on what cannot be prepared. */
  apply(config: ProxyConfig): void {
    const options = { ...this.#tools, config };
    const places = new Map<string, Place>();
    const destinations = new Map<string, string>();
    for (const port of new Set(config.listeners.map((listener) => listener.port))) {
      const key = listenerKey(port);
      places.set(key, listenerPlace(key, port, options));
    }
    for (const service of config.services) {
      for (const port of service.ports) {
        const key = `${service.service}:${port.port}`;
        places.set(key, servicePlace(key, service, port, options));
        for (const host of [service.service.slice(service.service.indexOf("/") + 1), ...service.addresses]) {
          destinations.set(`${host.toLowerCase()}:${port.port}`, key);
        }
      }
    }
    const former = this.#prepared;
    this.#prepared = { config, places, destinations };
    try {
      for (const target of this.#targets.values()) {
        target.place = places.get(target.key) ?? this.#otherPlace(target);
      }
      this.#followTrimmed(config);
    } catch (error) {
      this.#prepared = former;
      throw error;
    }
  }

  listener(port: number): PlacedTarget {
    return this.#target(listenerKey(port), port);
  }

  /** Where the authority of a tunnel leads. */
  destination(host: string, port: number): EngineTarget | undefined {
    const name = host.toLowerCase();
    const key = this.#prepared?.destinations.get(`${name}:${port}`);
    if (key !== undefined) {
      return this.#target(key, port);
    }
    const workload = this.#prepared?.config.workloads.find(({ addresses }) => addresses.includes(name));
    if (workload === undefined) {
      return undefined;
    }
    return this.#target(workloadKey(workload.workload, port), port);
  }

  /** The target itself, whoever made it. */
  placed(target: EngineTarget): PlacedTarget {
    return this.#targets.get(target.key) ?? { ...target, place: this.#otherPlace(target) };
  }

  #target(key: string, port: number): PlacedTarget {
    let target = this.#targets.get(key);
    if (target !== undefined) {
      // Least recently used first.
      this.#targets.delete(key);
      this.#targets.set(key, target);
    } else {
      const place = this.#prepared?.places.get(key) ?? this.#otherPlace({ key, port });
      target = { key, port, place };
      this.#trim(key);
      this.#targets.set(key, target);
    }
    return target;
  }

  /** A place that is made when it is asked for: a port of a pod; or nothing. */
  #otherPlace({ key, port }: EngineTarget): Place {
    const config = this.#prepared?.config;
    const workload = config?.workloads.find((candidate) => key === workloadKey(candidate.workload, port));
    if (config === undefined || workload === undefined) {
      return emptyPlace(key, port, config?.kind ?? "waypoint");
    }
    return workloadPlace(key, workload, port, { ...this.#tools, config });
  }

  /** A caller that tries every port of a pod must not make us keep them all. */
  #trim(key: string): void {
    const prefix = key.slice(0, key.lastIndexOf(":") + 1);
    if (!prefix.startsWith("workload/")) {
      return;
    }
    const kept = [...this.#targets.keys()].filter((candidate) => candidate.startsWith(prefix));
    const oldest = this.#targets.get(kept[0] ?? "");
    if (kept.length >= workloadPortsMax && oldest !== undefined) {
      this.#targets.delete(oldest.key);
      this.#trimmed.add(new WeakRef(oldest));
    }
  }

  #followTrimmed({ kind }: ProxyConfig): void {
    let followed = 0;
    for (const reference of this.#trimmed) {
      const target = reference.deref();
      if (target === undefined) {
        this.#trimmed.delete(reference);
      } else {
        const follows = followed++ < trimmedMax;
        target.place = follows ? this.#otherPlace(target) : emptyPlace(target.key, target.port, kind);
      }
    }
  }
}

const listenerKey = (port: number): string => `listener/${port}`;
const workloadKey = (uid: string, port: number): string => `workload/${uid}:${port}`;
