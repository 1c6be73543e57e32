import { proxyConfigType } from "../../xds/codec.ts";
import type { L7Route, L7Service, ProxyConfig } from "../../xds/proxy-config.ts";

const empty: ProxyConfig = {
  name: "probe",
  namespace: "probe",
  kind: "waypoint",
  listeners: [],
  services: [],
  workloads: [],
  clusters: [],
  authorizers: [],
  certificates: [],
  telemetry: { accessLog: { enabled: false, minStatus: 0 }, tracing: { enabled: false, sampling: 0 }, byService: [] },
  pathNormalization: "BASE",
  tellsCallersAs: "",
};

const known = new WeakMap<L7Service | L7Route, string>();

/**
 * Why proxies could not read a service's part of a configuration; empty when they can. A configuration is taken or
 * refused as a whole, so that one part which breaks a limit would keep all others from being updated.
 */
export const serviceProblem = (service: L7Service): string => remembered(service, { ...empty, services: [service] });

/** Likewise for a route of a gateway. */
export const routeProblem = (route: L7Route): string =>
  remembered(route, {
    ...empty,
    kind: "gateway",
    listeners: [
      {
        name: "probe",
        port: 80,
        protocol: "HTTP",
        hostname: "",
        certificates: [],
        routes: [route],
        authorizations: [],
        jwtRules: [],
        rateLimits: [],
      },
    ],
  });

function remembered(part: L7Service | L7Route, config: ProxyConfig): string {
  let problem = known.get(part);
  if (problem === undefined) {
    problem = problemOf(config);
    known.set(part, problem);
  }
  return problem;
}

function problemOf(config: ProxyConfig): string {
  try {
    const decoded = proxyConfigType.decode(proxyConfigType.encode(config));
    return "error" in decoded ? decoded.error : "";
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** The service with everything refused: nobody knows what its policies and routes were to say. */
export const closedService = (service: L7Service): L7Service => ({
  ...service,
  ports: service.ports.map((port) => ({ ...port, routes: [] })),
  authorizations: [
    {
      name: "unreadable",
      namespace: service.service.slice(0, service.service.indexOf("/")),
      action: "DENY",
      dryRun: false,
      provider: "",
      rules: [{ from: [], to: [], when: [] }],
    },
  ],
  jwtRules: [],
  rateLimits: [],
});
