import type { L7Service, ProxyConfig } from "../xds/proxy-config.ts";

/** Callers hear of the news within a second, and kept connections are quiet for a moment within a few. */
const leavingMs = 10_000;

interface Leaving {
  readonly service: L7Service;
  readonly clusters: ProxyConfig["clusters"];
  readonly untilMs: number;
}

/**
 * Services that a waypoint has lost are served for some seconds more, by the rules that held last: their callers hear of
 * it a moment later than the waypoint, and connections that they keep are asked to end first.
 */
export class LeavingServices {
  #leaving: readonly Leaving[] = [];

  /** Names of services that are served only until callers have left. */
  get names(): ReadonlySet<string> {
    return new Set(this.#leaving.map(({ service }) => service.service));
  }

  /** `config` with what has left it since `former`, as long as its time is not over. */
  with(config: ProxyConfig, former: ProxyConfig | undefined, nowMs: number): ProxyConfig {
    const present = new Set(config.services.map(({ service }) => service));
    const known = this.#leaving.filter(({ service, untilMs }) => untilMs > nowMs && !present.has(service.service));
    const lost = (former?.services ?? []).filter(
      ({ service }) => !present.has(service) && !this.#leaving.some((one) => one.service.service === service),
    );
    const clusters = former?.clusters ?? [];
    this.#leaving = [...known, ...lost.map((service): Leaving => ({ service, clusters, untilMs: nowMs + leavingMs }))];
    if (this.#leaving.length === 0) {
      return config;
    }
    const byKey = new Map(
      [...this.#leaving.flatMap((one) => one.clusters), ...config.clusters].map((one) => [one.key, one]),
    );
    return {
      ...config,
      services: [...config.services, ...this.#leaving.map(({ service }) => service)],
      clusters: [...byKey.values()],
    };
  }

  forget(): void {
    this.#leaving = [];
  }
}
