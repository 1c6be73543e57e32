/** Builders for tests of planning: whole configurations with little text. */
import { Fields } from "../../http1/index.ts";
import type {
  L7Backend,
  L7Cluster,
  L7Listener,
  L7Route,
  L7RouteMatch,
  L7RouteRule,
  L7Service,
  L7ServicePort,
  ProxyConfig,
} from "../../xds/proxy-config.ts";
import type { HttpRequest } from "../http-request.ts";
import type { Peer } from "../peer.ts";
import type { BodyPeek, ForwardPlan, ReplyPlan, RequestPlan } from "../request-plan.ts";
import type { Upstreams } from "../upstream/upstreams.ts";
import type { ClusterCall } from "./cluster-call.ts";
import { createPlanner } from "./create-planner.ts";
import { PlannerMemory } from "./planner-memory.ts";
import type { PlannerOptions, PlannerScope } from "./planner-scope.ts";
import { workloadCluster } from "./rules/workload-cluster.ts";

export const noPolicies = { authorizations: [], jwtRules: [], rateLimits: [] };

export const match = (more: Partial<L7RouteMatch> = {}): L7RouteMatch => ({
  path: { type: "PathPrefix", value: "/", ignoreCase: false },
  method: undefined,
  headers: [],
  queryParams: [],
  authority: undefined,
  scheme: undefined,
  port: 0,
  sourceNamespace: "",
  ...more,
});

export const path = (type: L7RouteMatch["path"]["type"], value: string, more: Partial<L7RouteMatch> = {}) =>
  match({ path: { type, value, ignoreCase: false }, ...more });

export const exact = (name: string, value: string) => ({
  name,
  type: "Exact" as const,
  value,
  ignoreCase: false,
  negated: false,
});

export const backend = (cluster: string, weight = 1, filters: L7Backend["filters"] = []): L7Backend => ({
  cluster,
  weight,
  filters,
});

export const rule = (name: string, more: Partial<L7RouteRule> = {}): L7RouteRule => ({
  name,
  matches: [],
  filters: [],
  backends: [backend("app")],
  timeouts: { requestMs: 0, perTryMs: 0, idleMs: 0 },
  retry: undefined,
  fault: undefined,
  ...more,
});

export const route = (key: string, rules: readonly L7RouteRule[], more: Partial<L7Route> = {}): L7Route => ({
  key: `HTTPRoute/${key}`,
  createdAtMs: 0,
  ordered: false,
  hostnames: [],
  rules,
  ...more,
});

export const cluster = (key: string, more: Partial<L7Cluster> = {}): L7Cluster => ({
  ...workloadCluster("", 80),
  key,
  service: "ns/app",
  members: undefined,
  ...more,
});

export const listener = (routes: readonly L7Route[], more: Partial<L7Listener> = {}): L7Listener => ({
  ...noPolicies,
  name: "http",
  port: 80,
  protocol: "HTTP",
  hostname: "",
  certificates: [],
  routes,
  ...more,
});

export const config = (more: Partial<ProxyConfig> = {}): ProxyConfig => ({
  name: "waypoint",
  namespace: "ns",
  kind: "waypoint",
  listeners: [],
  services: [],
  workloads: [],
  clusters: ["app", "v1", "v2"].map((key) => cluster(key)),
  authorizers: [],
  certificates: [],
  telemetry: {
    accessLog: { enabled: false, minStatus: 0 },
    tracing: { enabled: false, sampling: 0 },
    byService: [],
  },
  pathNormalization: "BASE",
  tellsCallersAs: "",
  ...more,
});

export const upstreams: Upstreams = {
  update: () => {},
  cluster: () => undefined,
  begin: () => ({ refused: "overflow" }),
  snapshot: () => [],
};

/** Nothing to ask is expected. */
export const noCalls: ClusterCall = ({ cluster: { key } }) => Promise.reject(new Error(`called ${key}`));

export const gateway = (...listeners: L7Listener[]): PlannerScope => ({ kind: "gateway", listeners });

export const service = (
  port: Partial<L7ServicePort> = {},
  policies: Partial<L7Service> = {},
): PlannerScope & { kind: "service" } => {
  const whole: L7ServicePort = {
    port: 80,
    protocol: "HTTP",
    routes: [],
    cluster: "app",
    defaultRetry: {
      attempts: 2,
      on: ["reset-before-request"],
      statusCodes: [],
      backoffBaseMs: 25,
      unsafeMethods: false,
    },
    ...port,
  };
  return {
    kind: "service",
    port: whole,
    service: { ...noPolicies, service: "ns/app", addresses: [], ports: [whole], ...policies },
  };
};

export interface Asked {
  readonly method?: string;
  readonly target?: string;
  readonly authority?: string;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly scheme?: "http" | "https";
  readonly protocol?: HttpRequest["protocol"];
  readonly upgrade?: string;
  readonly body?: HttpRequest["body"];
  readonly peer?: Peer;
}

export const peerOf = (more: Partial<Peer> = {}): Peer => ({
  principal: "cluster.local/ns/default/sa/sleep",
  sourceIp: "10.0.0.1",
  destinationIp: "10.0.0.2",
  workload: undefined,
  sni: "",
  scheme: "http",
  ...more,
});

const sleep = peerOf();

export function requestOf(asked: Asked): HttpRequest {
  const fields = new Fields();
  for (const [name, value] of Object.entries(asked.headers ?? {})) {
    for (const one of typeof value === "string" ? [value] : value) {
      fields.list.push(name, one);
    }
  }
  return {
    protocol: asked.protocol ?? "HTTP/1.1",
    scheme: asked.scheme ?? "http",
    method: asked.method ?? "GET",
    authority: asked.authority ?? "app.ns",
    target: asked.target ?? "/",
    fields,
    body: asked.body ?? { kind: "none" },
    upgrade: asked.upgrade,
    grpc: (fields.get("content-type") ?? "").startsWith("application/grpc"),
    trace: { traceId: "", parentSpanId: "", spanId: "", sampled: false },
  };
}

export const noBody: BodyPeek = { peek: () => Promise.resolve({ data: Buffer.alloc(0), complete: true }) };

export interface Rig {
  ask(asked?: Asked, body?: BodyPeek): Promise<RequestPlan>;
  /** Plans that must be there at once. */
  now(asked?: Asked): RequestPlan;
}

/** A planner with a clock that stands still and dice that fall as told. */
export function rig(scope: PlannerScope, more: Partial<PlannerOptions> = {}): Rig {
  const planner = createPlanner({
    config: config(),
    scope,
    upstreams,
    call: noCalls,
    memory: new PlannerMemory(),
    now: () => 1_000_000_000_000,
    random: () => 0,
    ...more,
  });
  const plan = (asked: Asked, body: BodyPeek) => planner.plan(requestOf(asked), asked.peer ?? sleep, body);
  return {
    ask: async (asked = {}, body = noBody) => plan(asked, body),
    now(asked = {}) {
      const planned = plan(asked, noBody);
      if (planned instanceof Promise) {
        throw new Error("not planned at once");
      }
      return planned;
    },
  };
}

export function forwarded(plan: RequestPlan): ForwardPlan {
  if (plan.kind !== "forward") {
    throw new Error(`answered ${plan.reply.status} ${plan.reply.body}`);
  }
  return plan;
}

export function replied(plan: RequestPlan): ReplyPlan {
  if (plan.kind !== "reply") {
    throw new Error(`sent on to ${plan.cluster.key}`);
  }
  return plan;
}

/** Status that was answered, or 200 for what is sent on. */
export const statusOf = (plan: RequestPlan): number => (plan.kind === "reply" ? plan.reply.status : 200);

/** Values of a field of a local reply. */
export function replyField(plan: RequestPlan, name: string): string[] {
  const list = replied(plan).reply.fields ?? [];
  return list.filter((_, index) => index % 2 === 1 && list[index - 1] === name);
}
