import type { Workload } from "../../xds/model.ts";
import type { L7Cluster, L7LoadBalancing, L7OutlierDetection, L7RetryPolicy } from "../../xds/proxy-config.ts";
import { type Endpoint, MeshView } from "../mesh-view.ts";
import { createUpstreams } from "./create-upstreams.ts";
import type { Home } from "./locality-preference.ts";
import { routeDefaultRetry } from "./retry-policy.ts";
import type { TryResult, UpstreamFacts, UpstreamRequest, Upstreams } from "./upstreams.ts";

export const serviceKey = "default/web.default.svc.cluster.local";

/** A pod of the service, at `region/zone/subzone`. */
export function pod(name: string, more: Partial<Workload> & { readonly at?: string } = {}): Workload {
  const { at = "", ...rest } = more;
  const [region = "", zone = "", subzone = ""] = at.split("/");
  return {
    uid: `Kubernetes//Pod/default/${name}`,
    name,
    namespace: "default",
    addresses: [`10.0.0.${name.replaceAll(/\D/g, "") || "1"}`],
    tunnelProtocol: "HBONE",
    nativeTunnel: false,
    trustDomain: "cluster.local",
    serviceAccount: "web",
    node: "node-a",
    canonicalName: "web",
    canonicalRevision: "v1",
    workloadType: "DEPLOYMENT",
    workloadName: "web",
    services: { [serviceKey]: [{ servicePort: 80, targetPort: 8080 }] },
    authorizationPolicies: [],
    status: "HEALTHY",
    clusterId: "Kubernetes",
    locality: { region, zone, subzone },
    ...rest,
  };
}

export const upserts = (...workloads: Workload[]) =>
  workloads.map((workload) => ({ name: workload.uid, value: { kind: "workload" as const, workload } }));

export const loadBalancing = (more: Partial<L7LoadBalancing> = {}): L7LoadBalancing => ({
  policy: "LEAST_REQUEST",
  hashBy: undefined,
  warmupMs: 0,
  locality: { kind: "none" },
  ...more,
});

export const detection = (more: Partial<L7OutlierDetection> = {}): L7OutlierDetection => ({
  consecutive5xx: 3,
  consecutiveGatewayErrors: 0,
  intervalMs: 10_000,
  baseEjectionMs: 30_000,
  maxEjectionPercent: 100,
  panicPercent: 0,
  ...more,
});

export function cluster(more: Partial<L7Cluster> = {}): L7Cluster {
  return {
    key: `${serviceKey}|80|`,
    service: serviceKey,
    port: 80,
    subset: "",
    members: undefined,
    protocol: "HTTP",
    loadBalancing: loadBalancing(),
    limits: noLimits,
    outlierDetection: undefined,
    retryBudget: undefined,
    origin: "",
    ...more,
  };
}

export const noLimits: L7Cluster["limits"] = {
  maxConnections: 0,
  connectTimeoutMs: 0,
  maxPendingRequests: 0,
  maxRequests: 0,
  maxRetries: 0,
  maxRequestsPerConnection: 0,
  idleTimeoutMs: 0,
};

export const retryOn = (...on: L7RetryPolicy["on"]): L7RetryPolicy => ({
  attempts: 3,
  on,
  statusCodes: [],
  backoffBaseMs: 25,
  unsafeMethods: false,
});

export const facts = (more: Partial<UpstreamFacts> = {}): UpstreamFacts => ({
  hash: undefined,
  method: "GET",
  grpc: false,
  retry: routeDefaultRetry,
  ...more,
});

/** Random numbers that are the same in every run (mulberry32). */
export function seededRandom(seed = 1): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let bits = Math.imul(state ^ (state >>> 15), 1 | state);
    bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits;
    return ((bits ^ (bits >>> 14)) >>> 0) / 0x1_0000_0000;
  };
}

export const ok: TryResult = { kind: "response", status: 200 };
export const status = (code: number): TryResult => ({ kind: "response", status: code });

/** Upstreams of one service, with a clock that is set by hand. */
export class UpstreamRig {
  nowMs = 1_000_000;
  readonly view: MeshView;
  readonly upstreams: Upstreams;
  cluster: L7Cluster;

  constructor(pods: readonly Workload[], settings: Partial<L7Cluster> = {}, home: Home = nowhere) {
    const now = (): number => this.nowMs;
    this.view = new MeshView({ kind: "waypoint", now });
    const service = {
      name: "web",
      namespace: "default",
      hostname: "web.default.svc.cluster.local",
      addresses: ["10.96.0.1"],
      ports: [{ servicePort: 80, targetPort: 8080 }],
    };
    this.view.apply([{ name: serviceKey, value: { kind: "service", service } }, ...upserts(...pods)], []);
    this.upstreams = createUpstreams({ view: this.view, home, now, random: seededRandom() });
    this.cluster = cluster(settings);
    this.upstreams.update([this.cluster]);
  }

  configure(settings: Partial<L7Cluster>): void {
    this.cluster = cluster(settings);
    this.upstreams.update([this.cluster]);
  }

  begin(more: Partial<UpstreamFacts> = {}): UpstreamRequest {
    const admission = this.upstreams.begin(this.cluster, facts(more));
    if ("refused" in admission) {
      throw new Error(admission.refused);
    }
    return admission;
  }

  /** One whole request; the name of the pod that it went to. */
  send(result: TryResult = ok, more: Partial<UpstreamFacts> = {}): string | undefined {
    const request = this.begin(more);
    const endpoint = request.next();
    if (endpoint !== undefined) {
      request.report(result);
    }
    request.end();
    return nameOf(endpoint);
  }

  /** How often each pod is chosen in so many requests, one after the other. */
  count(requests: number, more: Partial<UpstreamFacts> = {}): Record<string, number> {
    const counts: Record<string, number> = {};
    for (let request = 0; request < requests; request++) {
      const name = this.send(ok, more) ?? "nobody";
      counts[name] = (counts[name] ?? 0) + 1;
    }
    return counts;
  }

  /** Requests until the pod has failed so often in a row. */
  fail(name: string, times: number, result: TryResult = status(500)): void {
    for (let failed = 0, sent = 0; failed < times && sent < 10_000; sent++) {
      const request = this.begin();
      if (nameOf(request.next()) === name) {
        request.report(result);
        failed++;
      }
      request.end();
    }
  }

  get snapshot() {
    const [snapshot] = this.upstreams.snapshot();
    if (snapshot === undefined) {
      throw new Error("no cluster");
    }
    return snapshot;
  }

  get ejected(): string[] {
    return this.snapshot.ejected.map(({ endpoint }) => endpoint.workload.name);
  }
}

const nowhere: Home = { region: "", zone: "", subzone: "", node: "" };

export const home = (at: string, node = "node-a"): Home => {
  const [region = "", zone = "", subzone = ""] = at.split("/");
  return { region, zone, subzone, node };
};

const nameOf = (endpoint: Endpoint | undefined): string | undefined => endpoint?.workload.name;
