import { existsSync, readFileSync, writeFileSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseAllDocuments } from "yaml";
import { authorizationPolicySchema } from "@/mesh-runtime/api/authorizationpolicy.ts";
import { peerAuthenticationSchema } from "@/mesh-runtime/api/peerauthentication.ts";
import { sampleInventory } from "@/server/inventory/sample.suite.ts";
import { intentsOfCluster } from "./from-manifest.ts";
import { type Intent, type IntentSet, intentSet } from "./intent.ts";
import { render } from "./render.ts";
import { toYaml } from "./resource.ts";

const inventory = sampleInventory({ enrolled: ["web-api", "default"] });
const behindWaypoint = sampleInventory({ enrolled: ["web-api", "default"], waypoint: "web-api" });
const caller = (namespace: string, serviceAccount: string) => ({
  kind: "identity" as const,
  namespace,
  serviceAccount,
});
const ingress = { namespace: "istio-ingress", name: "ingress", hosts: ["istioinaction.io"] };
const webApi = { namespace: "web-api", name: "web-api" };

const cases: Record<string, Intent[]> = {
  "joining is one label and nothing else": [{ slug: "join-the-mesh", namespace: "web-api" }],
  "mutual TLS is required by a namespace": [{ slug: "require-mtls", namespace: "web-api" }],
  "mutual TLS is required by the mesh": [{ slug: "require-mtls", namespace: "istio-system" }],
  "a namespace is locked down": [{ slug: "lock-down", namespace: "web-api", openGateways: [] }],
  "the mesh is locked down and its gateway stays open": [
    { slug: "lock-down", namespace: "istio-system", openGateways: [ingress] },
  ],
  "two lock-downs share the gateway's policy": [
    { slug: "lock-down", namespace: "istio-ingress", openGateways: [ingress] },
    { slug: "lock-down", namespace: "istio-system", openGateways: [ingress] },
  ],
  "callers of one service compose into one policy": [
    {
      slug: "let-a-caller-in",
      service: webApi,
      caller: caller("istio-ingress", "ingress-istio"),
      ports: [8080],
      requests: [],
      until: null,
    },
    {
      slug: "let-a-caller-in",
      service: webApi,
      caller: caller("default", "sleep"),
      ports: [8080],
      requests: [],
      until: null,
    },
  ],
  "a service port becomes the pod's port": [
    {
      slug: "let-a-caller-in",
      service: { namespace: "default", name: "sleep" },
      caller: caller("web-api", "web-api"),
      ports: [80],
      requests: [],
      until: null,
    },
  ],
  "anyone may call": [
    { slug: "let-a-caller-in", service: webApi, caller: { kind: "anyone" }, ports: [8080], requests: [], until: null },
  ],
};

const waypointCases: Record<string, Intent[]> = {
  "behind a waypoint the callers are its rule and the pods are guarded":
    cases["callers of one service compose into one policy"] ?? [],
  "a namespace with a waypoint is locked down at both": [{ slug: "lock-down", namespace: "web-api", openGateways: [] }],
  "a mesh with waypoints is locked down at all of them": [
    { slug: "lock-down", namespace: "istio-system", openGateways: [ingress] },
  ],
};

describe("generated resources", () => {
  test.each([
    ...Object.entries(cases).map(([sentence, intents]) => [sentence, intents, inventory] as const),
    ...Object.entries(waypointCases).map(([sentence, intents]) => [sentence, intents, behindWaypoint] as const),
  ])("%s", (sentence, intents, inventory) => {
    const file = fileURLToPath(new URL(`testdata/${sentence.replaceAll(" ", "-")}.out.yaml`, import.meta.url));
    const text = [...render(intentSet(intents), inventory).values()].map(toYaml).join("---\n");
    const golden = `# ${sentence}\n${text}`;
    if (process.env["UPDATE_GOLDEN"] === "1" || !existsSync(file)) {
      expect(process.env["UPDATE_GOLDEN"], `${file} is missing: run with UPDATE_GOLDEN=1`).toBe("1");
      writeFileSync(file, golden);
    }
    expect(golden).toBe(readFileSync(file, "utf8"));
  });

  test.each(Object.entries(cases))("are accepted by their kind's schema: %s", (_sentence, intents) => {
    for (const { kind, ...rest } of render(intentSet(intents), inventory).values()) {
      const object = { kind, ...rest };
      if (kind === "AuthorizationPolicy") {
        expect(authorizationPolicySchema.safeParse(object).error).toBeUndefined();
      } else if (kind === "PeerAuthentication") {
        expect(peerAuthenticationSchema.safeParse(object).error).toBeUndefined();
      }
    }
  });
});

const namespace = fc.constantFrom("web-api", "recommendation", "default", "istio-ingress", "istio-system");
const name = fc.stringMatching(/^[a-z]([-a-z0-9]{0,20}[a-z0-9])?$/);
const anyIntent: fc.Arbitrary<Intent> = fc.oneof(
  fc.record({ slug: fc.constant("require-mtls" as const), namespace }),
  fc.record({
    slug: fc.constant("lock-down" as const),
    namespace,
    openGateways: fc.uniqueArray(
      fc.record({ namespace, name, hosts: fc.uniqueArray(fc.constantFrom("a.example", "*.b.example")) }),
      { maxLength: 3, selector: (gateway) => `${gateway.namespace}/${gateway.name}` },
    ),
  }),
  fc.record({
    slug: fc.constant("let-a-caller-in" as const),
    service: fc.record({ namespace, name }),
    caller: fc.oneof(
      fc.constant({ kind: "anyone" as const }),
      fc.record({ kind: fc.constant("identity" as const), namespace, serviceAccount: name }),
    ),
    ports: fc.uniqueArray(fc.integer({ min: 1, max: 65535 }), { minLength: 1, maxLength: 4 }),
    requests: fc.constant<never[]>([]),
    until: fc.constant(null),
  }),
);

describe("the cluster describes itself", () => {
  const sorted = (set: IntentSet): unknown[] => [...set].sort(([one], [other]) => (one < other ? -1 : 1));

  test("intents come back from the resources they were rendered to", () => {
    void fc.assert(
      fc.property(fc.array(anyIntent, { maxLength: 12 }), (intents) => {
        const set = intentSet(intents);
        const documents = [...render(set, inventory).values()].map((resource) => parseAllDocuments(toYaml(resource)));
        const objects = documents.flat().map((document) => document.toJS());
        expect(sorted(intentsOfCluster(objects))).toEqual(sorted(set));
      }),
      { numRuns: 60 },
    );
  });

  test("a label that somebody else set is no intent of ours, one that we applied is", () => {
    const object = (manager: string) => ({
      apiVersion: "v1",
      kind: "Namespace",
      metadata: {
        name: "web-api",
        labels: { "istio.io/dataplane-mode": "ambient" },
        managedFields: [
          {
            manager,
            operation: "Apply" as const,
            fieldsV1: { "f:metadata": { "f:labels": { "f:istio.io/dataplane-mode": {} } } },
          },
        ],
      },
    });
    expect([...intentsOfCluster([object("kubectl")]).keys()]).toEqual([]);
    expect([...intentsOfCluster([object("towpath")]).keys()]).toEqual(["join-the-mesh/web-api"]);
  });

  test("a damaged annotation, one on somebody else's policy, or one for another namespace is left alone", () => {
    const policy = (text: string, by: string, namespace = "web-api") => ({
      kind: "AuthorizationPolicy",
      metadata: {
        namespace,
        labels: { "app.kubernetes.io/managed-by": by },
        annotations: { "towpath.dev/intent": text },
      },
    });
    const good = JSON.stringify([{ slug: "require-mtls", namespace: "web-api" }]);
    expect(
      intentsOfCluster([policy("{", "towpath"), policy('[{"slug":"x"}]', "towpath"), policy(good, "helm")]).size,
    ).toBe(0);
    expect(intentsOfCluster([policy(good, "towpath", "default")]).size).toBe(0);
    expect(intentsOfCluster([policy(good, "towpath")]).size).toBe(1);
  });
});
