import { describe, expect, test } from "vitest";
import type { Rendered } from "@/server/golden-paths/resource.ts";
import { refOf } from "@/server/golden-paths/resource.ts";
import { managedByLabel } from "@/server/inventory/labels.ts";
import type { ResourceStep } from "./proposal.ts";
import { forbiddenWrite, touchedNamespaces } from "./touched.ts";

const step = (after: Rendered, before?: Rendered): ResourceStep => ({ ref: refOf(after), before, after });
const namespace = (name: string, labels?: Record<string, string>): Rendered => ({
  apiVersion: "v1",
  kind: "Namespace",
  metadata: { name, ...(labels === undefined ? {} : { labels }) },
});
const policy = (at: string, name = "deny-all"): Rendered => ({
  apiVersion: "security.istio.io/v1",
  kind: "AuthorizationPolicy",
  metadata: { name, namespace: at },
  spec: {},
});
const config = (at: string, name: string, labels?: Record<string, string>): Rendered => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name, namespace: at, ...(labels === undefined ? {} : { labels }) },
  data: { mesh: "" },
});

describe("namespaces that a change touches", () => {
  test("are those of all it writes, whatever the plan says", () => {
    const steps = [
      step(policy("web-api")),
      step(namespace("default", { "istio.io/use-waypoint": "waypoint" }), namespace("default")),
      step(config("istio-system", "istio")),
      step(policy("left-alone"), policy("left-alone")),
    ];
    expect(touchedNamespaces(["planned"], steps)).toEqual(["default", "istio-system", "planned", "web-api"]);
  });
});

describe("what no change may write", () => {
  const labelled = namespace("web-api", { "istio.io/dataplane-mode": "ambient" });
  test.each<[string, ResourceStep]>([
    [
      "a kind of nobody's path",
      step({ apiVersion: "v1", kind: "Secret", metadata: { name: "a", namespace: "web-api" } }),
    ],
    ["a kind by the name of every object", step({ apiVersion: "v1", kind: "constructor", metadata: { name: "a" } })],
    ["another version of a kind", step({ ...policy("web-api"), apiVersion: "security.istio.io/v1beta1" })],
    ["Kubernetes' own namespaces", step(policy("kube-system"))],
    ["a namespace that is not there", step(labelled)],
    ["other labels of a namespace", step(namespace("web-api", { "pod-security": "privileged" }), namespace("web-api"))],
    ["the removal of a namespace", { ref: refOf(labelled), before: labelled, after: undefined }],
    ["a policy of no namespace", step({ ...policy("web-api"), metadata: { name: "deny-all" } })],
    ["settings of applications", step(config("web-api", "istio"))],
    ["another ConfigMap of the mesh", step(config("istio-system", "istio-ca-root-cert"))],
    ["the mesh's settings as a whole", step(config("istio-system", "istio", { [managedByLabel]: "towpath" }))],
    ["an object under another name", { ...step(policy("web-api")), ref: refOf(policy("web-api", "other")) }],
    ["an object in another namespace", { ...step(policy("web-api")), ref: refOf(policy("recommendation")) }],
  ])("%s", (_what, one) => {
    expect(forbiddenWrite(one)).not.toBe("");
  });

  test.each<[string, ResourceStep]>([
    ["a policy", step(policy("web-api"))],
    ["the mesh label of a namespace", step(labelled, namespace("web-api"))],
    ["giving that label up", step(namespace("web-api"), labelled)],
    ["a part of the mesh's settings", step(config("istio-system", "istio"))],
    ["the removal of a policy", { ref: refOf(policy("web-api")), before: policy("web-api"), after: undefined }],
  ])("but %s", (_what, one) => {
    expect(forbiddenWrite(one)).toBe("");
  });
});
