/** The sample company with objects that should, or should not, be found. */
import { describe, expect, test } from "vitest";
import { buildInventory } from "@/server/inventory/build.ts";
import type { ClusterObjects } from "@/server/inventory/cluster-objects.ts";
import { type SampleOptions, sampleInventory } from "@/server/inventory/sample.suite.ts";
import { findingsIn } from "./findings.ts";

export type Extra = { readonly [K in keyof ClusterObjects]?: readonly unknown[] };

/** Objects beside those of the sample company, whose default namespace is behind a waypoint. */
export function inventoryWith(extra: Extra, sample: SampleOptions = {}) {
  const { objects } = sampleInventory({ enrolled: ["default"], waypoint: "default", ...sample });
  const merged = Object.fromEntries(
    Object.entries(extra).map(([key, list]) => [
      key,
      [...((objects as unknown as Extra)[key as keyof ClusterObjects] ?? []), ...list],
    ]),
  );
  return buildInventory({ ...objects, ...merged } as ClusterObjects);
}
export const told = (extra: Extra, target: "embedded" | "kubernetes" = "embedded"): string[] =>
  findingsIn({ inventory: inventoryWith(extra), target }).map(({ code, place }) => `${code} @ ${place}`);

export const meta = (name: string, namespace = "default", more: object = {}) => ({
  metadata: { name, namespace, ...more },
});
export const toService = (name: string, more: object = {}) => ({ group: "", kind: "Service", name, ...more });
export const toGateway = { name: "ingress", namespace: "istio-ingress" };
export const send = (name: string, port: number, more: object = {}) => ({ backendRefs: [{ name, port, ...more }] });
export const route = (parentRefs: readonly object[], rules: readonly object[], namespace = "default") => ({
  routes: [{ ...meta("route", namespace), spec: { parentRefs, rules } }],
});
export const grpc = (parentRefs: readonly object[], rules: readonly object[], namespace = "default") => ({
  grpcRoutes: [{ ...meta("route", namespace), spec: { parentRefs, rules } }],
});
export const routed = (
  name: string,
  parentRefs: readonly object[],
  rules: readonly object[],
  namespace = "default",
) => ({
  ...meta(name, namespace),
  spec: { parentRefs, rules },
});
/** A rule for some requests only. */
export const some = { matches: [{ path: { type: "PathPrefix", value: "/a" } }] };
export const sends = (...hosts: object[]) => ({ route: hosts.map((destination) => ({ destination })) });
export const listed = (host: string, port = 443) => ({
  serviceEntries: [{ ...meta("listed"), spec: { hosts: [host], ports: [{ number: port, name: "tls" }] } }],
});
/** A Service beside that of httpbin. */
export const serviceNamed = (name: string, spec: object = {}, more: object = {}) => ({
  ...meta(name, "default", more),
  spec: { selector: { app: "httpbin" }, ports: [{ name: "http", port: 8000 }], ...spec },
});
export const virtual = (host: string, namespace = "default", http: object = {}) => ({
  virtualServices: [{ ...meta("virtual", namespace), spec: { hosts: [host], http: [http] } }],
});
export const destination = (host: string, namespace = "default") => ({
  destinationRules: [{ ...meta("destination", namespace), spec: { host } }],
});
export const policy = (spec: object, namespace = "default", more: object = {}) => ({
  authorizationPolicies: [{ ...meta("policy", namespace), spec, ...more }],
});
export const selector = { matchLabels: { app: "httpbin" } };
export const operation = (to: object) => [{ to: [{ operation: to }] }];
export const tokens = (spec: object, namespace = "default") => ({
  requestAuthentications: [{ ...meta("tokens", namespace), spec: { jwtRules: [{ issuer: "https://i" }], ...spec } }],
});
export const meshConfig = (mesh: string) => ({ configMaps: [{ ...meta("istio", "istio-system"), data: { mesh } }] });
export const guarded = {
  targetRefs: [toService("httpbin")],
  rules: [{ from: [{ source: { requestPrincipals: ["*"] } }] }],
};
export const peer = (spec: object) => ({ peerAuthentications: [{ ...meta("peer"), spec }] });
export const condition = (type: string, reason: string, message: string) => ({
  status: { conditions: [{ type, status: "True", reason, message }] },
});
/** As Services behind the waypoint have it. */
export const bound = {
  conditions: [
    {
      type: "istio.io/WaypointBound",
      status: "True",
      reason: "WaypointAccepted",
      message: "Successfully attached to waypoint default/waypoint",
    },
  ],
};
export const exposed = {
  routes: [
    {
      ...meta("ingress-httpbin"),
      spec: { hostnames: ["a.example"], parentRefs: [toGateway], rules: [send("httpbin", 8000)] },
    },
  ],
};

export const keptClosed = (rules: readonly object[]) =>
  policy({ selector, action: "ALLOW", rules }, "default", {
    metadata: {
      name: "policy",
      namespace: "default",
      labels: { "app.kubernetes.io/managed-by": "towpath" },
      annotations: {
        "towpath.dev/intent": '[{"slug":"keep-closed","service":{"namespace":"default","name":"httpbin"}}]',
      },
    },
  });

/** What is found, as `<code> @ <place>`, and neighbours of the same kind at which it must not be. */
export type Trap = readonly [trap: string, found: string, trap: Extra, ...harmless: Extra[]];

export function describeTraps(traps: readonly Trap[], target: "embedded" | "kubernetes" = "embedded"): void {
  for (const [trap, found, extra, ...harmless] of traps) {
    describe(trap, () => {
      test("is found", () => {
        expect(told(extra, target)).toContain(found);
      });

      test.each(harmless)("and its harmless neighbour is not", (neighbour) => {
        expect(told(neighbour, target)).not.toContain(found);
      });
    });
  }
}
