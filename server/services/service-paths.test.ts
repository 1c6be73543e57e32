import { expect, it } from "vitest";
import { noTraffic } from "@/server/golden-paths/insight.ts";
import { type Intent, intentSet } from "@/server/golden-paths/intent.ts";
import { findService } from "@/server/inventory/model.ts";
import { sampleInventory } from "@/server/inventory/sample.suite.ts";
import { servicePaths } from "./service-paths.ts";

const httpbin = { namespace: "default", name: "httpbin" };
const until = Date.UTC(2027, 0, 1);
const letIn = (serviceAccount: string, service = httpbin): Intent => ({
  slug: "let-a-caller-in",
  service,
  caller: { kind: "identity", namespace: "default", serviceAccount },
  ports: [8000],
  requests: [],
  until,
});

function pathsWith(intents: readonly Intent[], changeIds: ReadonlyMap<string, string> = new Map()) {
  const inventory = sampleInventory({ enrolled: ["default"] });
  const service = findService(inventory, httpbin);
  if (service === undefined) {
    throw new Error("the sample has httpbin");
  }
  const context = { inventory, current: intentSet(intents), traffic: noTraffic, nowUnixMs: 0 };
  return new Map(servicePaths(service, context, changeIds).map((path) => [path.slug, path]));
}

it("lists each time that a path is in force, with its end, its change, and the forms that edit it or take it back", () => {
  const paths = pathsWith(
    [letIn("sleep"), letIn("web")],
    new Map([["let-a-caller-in/default/httpbin/default/sleep", "c1"]]),
  );
  const inForce = paths.get("let-a-caller-in")?.inForce ?? [];
  expect(inForce).toHaveLength(2);
  expect(inForce[0]).toMatchObject({
    untilUnixMs: until,
    changeId: "c1",
    edit: { service: httpbin, allowed: true, callers: [{ serviceAccount: "sleep" }] },
    remove: { service: httpbin, allowed: false, callers: [{ serviceAccount: "sleep" }] },
  });
});

it("leaves out what is in force for other services and namespaces", () => {
  const paths = pathsWith([
    letIn("sleep", { namespace: "web-api", name: "web-api" }),
    { slug: "require-mtls", namespace: "web-api" },
  ]);
  expect([...paths.values()].flatMap(({ inForce }) => inForce)).toEqual([]);
});

it("counts what holds for its namespace and for the whole mesh", () => {
  const paths = pathsWith([
    { slug: "require-mtls", namespace: "default" },
    { slug: "lock-down", namespace: "istio-system", openGateways: [] },
  ]);
  expect(paths.get("require-mtls")).toMatchObject({ active: true, inForce: [{ slug: "require-mtls" }] });
  expect(paths.get("lock-down")).toMatchObject({ active: true, inForce: [{ slug: "lock-down" }] });
});

it("says what the cluster says itself, also where no path brought it about", () => {
  expect(pathsWith([]).get("join-the-mesh")).toMatchObject({
    active: true,
    inForce: [],
    sentence: expect.stringContaining("pods are in the mesh"),
  });
});

it("opens a path that is not in force with what it is about", () => {
  expect(pathsWith([]).get("let-a-caller-in")?.edit.values).toEqual({ service: httpbin, ports: [8000] });
});
