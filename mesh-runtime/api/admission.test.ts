import { describe, expect, test } from "vitest";
import { admit } from "./admission.ts";
import { authorizationPolicyKind } from "./kinds/authorizationpolicy.ts";
import { deploymentKind } from "./kinds/deployment.ts";
import { podKind } from "./kinds/pod.ts";
import { serviceKind } from "./kinds/service.ts";
import type { KubeObject } from "./meta.ts";

const metadata = { name: "x", namespace: "web", resourceVersion: "1", uid: "u", generation: 3 };
const policy = (action: string, extra: object = {}) => ({
  apiVersion: "security.istio.io/v1",
  kind: "AuthorizationPolicy",
  metadata,
  spec: { action, rules: [{}] },
  ...extra,
});

function updated(object: object, old: object, subresource?: "status"): KubeObject {
  const result = admit({
    kind: authorizationPolicyKind,
    operation: "update",
    object,
    old,
    namespace: "web",
    name: "x",
    ...(subresource ? { subresource } : {}),
  });
  if (!result.ok) {
    throw new Error(result.status.message);
  }
  return result.object;
}

describe("generation", () => {
  test("rises when the wish changes, and only then", () => {
    expect(updated(policy("DENY"), policy("ALLOW")).metadata?.generation).toBe(4);
    expect(updated(policy("ALLOW"), policy("ALLOW")).metadata?.generation).toBe(3);
    const labelled = { ...policy("ALLOW"), metadata: { ...metadata, labels: { a: "b" } } };
    expect(updated(labelled, policy("ALLOW")).metadata?.generation).toBe(3);
  });

  test("of a Deployment follows its annotations too", () => {
    const spec = {
      selector: { matchLabels: { a: "b" } },
      template: { metadata: { labels: { a: "b" } }, spec: { containers: [{ name: "a", image: "x:1" }] } },
    };
    const create = admit({
      kind: deploymentKind,
      operation: "create",
      object: { metadata: { name: "x" }, spec },
      namespace: "web",
    });
    const old = create.ok ? create.object : {};
    expect(old.metadata?.generation).toBe(1);
    const object = { ...old, metadata: { ...old.metadata, annotations: { a: "b" } } };
    const update = admit({ kind: deploymentKind, operation: "update", object, old, namespace: "web", name: "x" });
    expect(update.ok && update.object.metadata?.generation).toBe(2);
  });
});

describe("the status", () => {
  const status = { conditions: [{ type: "A", status: "True" }] };

  test("is not written by a write to the object", () => {
    expect(updated(policy("ALLOW", { status: {} }), policy("ALLOW", { status }))).toHaveProperty("status", status);
  });

  test("is all that a write to the subresource changes", () => {
    const next = updated(policy("DENY", { status }), policy("ALLOW"), "status");
    expect(next).toHaveProperty("status", status);
    expect(next).toHaveProperty("spec.action", "ALLOW");
    expect(next.metadata?.generation).toBe(3);
  });
});

test("a Pod whose ServiceAccount does not exist is forbidden", () => {
  const object = {
    metadata: { name: "x" },
    spec: { containers: [{ name: "a", image: "x" }], serviceAccountName: "no" },
  };
  const context = { serviceAccount: () => undefined };
  const result = admit({ kind: podKind, operation: "create", object, namespace: "web", context });
  expect(result.ok ? {} : result.status).toMatchObject({
    code: 403,
    message: 'pods "x" is forbidden: error looking up service account web/no: serviceaccount "no" not found',
  });
});

test("nothing is allocated for a Service that is refused", () => {
  let allocated = 0;
  const context = {
    allocateClusterIp: () => {
      allocated += 1;
      return "10.96.0.1";
    },
  };
  const service = (port: number) => ({ metadata: { name: "x" }, spec: { ports: [{ port }] } });
  const request = { kind: serviceKind, operation: "create", namespace: "web", context } as const;
  expect(admit({ ...request, object: service(0) }).ok).toBe(false);
  expect(allocated).toBe(0);
  const result = admit({ ...request, object: service(80) });
  expect(result.ok && result.object).toMatchObject({ spec: { clusterIP: "10.96.0.1", clusterIPs: ["10.96.0.1"] } });
  expect(allocated).toBe(1);
});

test("a Service that is written without its address keeps it", () => {
  const object = { metadata: { name: "x" }, spec: { type: "NodePort", ports: [{ port: 80 }] } };
  const context = { allocateClusterIp: () => "10.96.0.1", allocateNodePort: () => 30001 };
  const request = { kind: serviceKind, namespace: "web", name: "x", context } as const;
  const created = admit({ ...request, operation: "create", object });
  const old = created.ok ? created.object : {};
  const update = admit({ ...request, operation: "update", object, old });
  expect(update.ok && update.object).toMatchObject({
    spec: { clusterIP: "10.96.0.1", ports: [{ port: 80, nodePort: 30001 }] },
  });
});

test("a beta version of a custom kind is taken where it is served, and refused where it is not", () => {
  const object = { ...policy("ALLOW"), apiVersion: "security.istio.io/v1beta1" };
  const request = { kind: authorizationPolicyKind, operation: "create", namespace: "web", dryRun: true } as const;
  expect(admit({ ...request, version: "v1beta1", object }).ok).toBe(true);
  const unknown = admit({ ...request, object: { ...object, apiVersion: "security.istio.io/v9" } });
  expect(unknown.ok ? 0 : unknown.status.code).toBe(400);
});
