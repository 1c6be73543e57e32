/** Findings of the mesh, of namespaces and of services. */
import { describe, expect, test } from "vitest";
import { findingsOf } from "./findings.ts";
import { inventoryWith, meshConfig, operation, peer, policy, told, toService, virtual } from "./traps.suite.ts";

test("destinations that only a list should allow are open on Kubernetes, and held by the embedded mesh", () => {
  const listed = meshConfig("outboundTrafficPolicy: {mode: REGISTRY_ONLY}");
  expect(told(listed, "kubernetes")).toContain("other-destinations-open @ ConfigMap istio-system/istio");
  expect(told(listed)).toEqual([]);
});

test("a company without traps has no findings", () => {
  expect(told({})).toEqual([]);
});

describe("findings of services", () => {
  const inventory = inventoryWith({
    ...policy({ targetRefs: [toService("httpbin")], rules: operation({ methods: ["get"] }) }),
    ...virtual("sleep"),
    ...peer({ mtls: { mode: "DISABLE" } }),
  });

  test("are about them, or about their whole namespace", () => {
    expect(findingsOf(inventory, ["default/httpbin"]).map(({ code }) => code)).toEqual([
      "value-never-matches",
      "plain-text-callers",
    ]);
    expect(findingsOf(inventory, ["web-api/web-api"])).toEqual([]);
  });

  test("block nothing, and offer the path that repairs them where there is one", () => {
    const found = findingsOf(inventory, ["default/httpbin"]);
    expect(found.some(({ level }) => level === "error")).toBe(false);
    expect(found.find(({ code }) => code === "plain-text-callers")?.path?.slug).toBe("require-mtls");
  });
});
