import { expect, test } from "vitest";
import { bindsGateway, selectsWorkload } from "./binding.ts";
import type { AuthorizationPolicyResource } from "./resource.ts";
import { indexPolicies, selectPolicies } from "./select.ts";
import { simulate } from "./simulate.ts";

const policy = (
  namespace: string,
  spec: NonNullable<AuthorizationPolicyResource["spec"]>,
  name = "p",
): AuthorizationPolicyResource => ({
  metadata: { name, namespace },
  spec,
});
const selector = { matchLabels: { app: "web" } };
const gateway = { namespace: "ingress", name: "gw", gatewayClassName: "istio", labels: { app: "web" } };
const ref = (kind: string, name: string) => ({ group: "gateway.networking.k8s.io", kind, name });

test.each([
  ["own namespace, labels match", policy("web", { selector }), true],
  ["own namespace, labels differ", policy("web", { selector: { matchLabels: { app: "x" } } }), false],
  ["another namespace", policy("other", { selector }), false],
  ["root namespace", policy("istio-system", { selector }), true],
  ["no selector: found by scope", policy("web", {}), false],
  ["empty selector selects all", policy("web", { selector: {} }), true],
])("selects a workload: %s", (_name, resource, expected) => {
  expect(selectsWorkload(resource, { namespace: "web", labels: { app: "web" } })).toBe(expected);
});

test.each([
  ["selector-less, its namespace", policy("ingress", {}), true],
  ["selector-less, root namespace", policy("istio-system", {}), true],
  ["selector-less, another namespace", policy("web", {}), false],
  ["by its pods' labels", policy("ingress", { selector }), true],
  ["by other labels", policy("ingress", { selector: { matchLabels: { app: "x" } } }), false],
  ["by name", policy("ingress", { targetRefs: [ref("Gateway", "gw")] }), true],
  ["by another name", policy("ingress", { targetRefs: [ref("Gateway", "x")] }), false],
  ["by name from another namespace", policy("web", { targetRefs: [ref("Gateway", "gw")] }), false],
  ["by class from the root namespace", policy("istio-system", { targetRefs: [ref("GatewayClass", "istio")] }), true],
  ["by class from elsewhere", policy("ingress", { targetRefs: [ref("GatewayClass", "istio")] }), false],
  ["by a Service", policy("ingress", { targetRefs: [{ group: "", kind: "Service", name: "gw" }] }), false],
])("binds a gateway: %s", (_name, resource, expected) => {
  expect(bindsGateway(resource, gateway)).toBe(expected);
});

test("a workload is bound by its namespace, the mesh, and what it names; a name nobody knows is reported", () => {
  const of = (namespace: string, name: string, scope: "GLOBAL" | "NAMESPACE" | "WORKLOAD_SELECTOR") =>
    ({ namespace, name, scope, action: "ALLOW", dryRun: false, groups: [] }) as const;
  const index = indexPolicies([
    of("istio-system", "mesh", "GLOBAL"),
    of("web", "all", "NAMESPACE"),
    of("other", "all", "NAMESPACE"),
    of("web", "mine", "WORKLOAD_SELECTOR"),
    of("web", "theirs", "WORKLOAD_SELECTOR"),
  ]);
  const { policies, unknown } = selectPolicies(
    { namespace: "web", authorizationPolicies: ["web/mine", "web/gone"] },
    index,
  );
  expect(policies.map(({ namespace, name }) => `${namespace}/${name}`)).toEqual([
    "web/all",
    "istio-system/mesh",
    "web/mine",
  ]);
  expect(unknown).toEqual(["web/gone"]);
});

test("the story: deny-all, then callers one by one", () => {
  const denyAll = policy("web-api", {}, "deny-all");
  const callers = policy(
    "web-api",
    {
      selector: { matchLabels: { app: "web-api" } },
      rules: [
        { from: [{ source: { serviceAccounts: ["ingress/gateway"] } }], to: [{ operation: { ports: ["8080"] } }] },
      ],
    },
    "web-api-callers",
  );
  const destination = { namespace: "web-api", labels: { app: "web-api" } };
  const call = (principal: string) => ({
    sourcePrincipal: `cluster.local/ns/${principal}`,
    sourceIp: "127.16.1.10",
    destinationIp: "127.16.1.11",
    destinationPort: 8080,
  });
  const before = simulate({ authorizationPolicies: [denyAll], peerAuthentications: [] });
  expect(before.connection(destination, call("ingress/sa/gateway"))).toMatchObject({
    allowed: false,
    policy: "web-api/deny-all",
  });
  const after = simulate({ authorizationPolicies: [denyAll, callers], peerAuthentications: [] });
  expect(after.connection(destination, call("ingress/sa/gateway"))).toMatchObject({
    allowed: true,
    policy: "web-api/web-api-callers",
  });
  expect(after.connection(destination, call("default/sa/sleep"))).toMatchObject({
    allowed: false,
    reason: "no-allow-policy-matched",
    attribute: "source.serviceAccount",
  });
});
