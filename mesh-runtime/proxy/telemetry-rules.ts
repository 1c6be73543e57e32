import type { L7AccessLog, L7Telemetry, ProxyConfig } from "../xds/proxy-config.ts";

/** What is logged and traced of a service's requests. */
export interface TelemetryRule {
  readonly accessLog: L7AccessLog;
  readonly tracing: L7Telemetry["tracing"];
}

const silent: TelemetryRule = {
  accessLog: { enabled: false, minStatus: 0 },
  tracing: { enabled: false, sampling: 0 },
};

/** Looks up the rules of a configuration by service. */
export class TelemetryRules {
  #all: TelemetryRule = silent;
  #byService: ReadonlyMap<string, TelemetryRule> = new Map();

  update({ telemetry }: Pick<ProxyConfig, "telemetry">): void {
    this.#all = telemetry;
    this.#byService = new Map(telemetry.byService.map((rule) => [rule.service, rule]));
  }

  /** `<namespace>/<hostname>`, empty at gateways. */
  of(service: string): TelemetryRule {
    return this.#byService.size === 0 ? this.#all : (this.#byService.get(service) ?? this.#all);
  }
}
