import { describe, expect, it } from "vitest";
import { worldOf } from "../world.suite.ts";
import { bindService, bindWorkload } from "./binding.ts";
import { findWaypoints } from "./waypoints.ts";

const gateway = (name: string, namespace: string, labels: object, allowedRoutes?: object) => ({
  kind: "Gateway",
  metadata: { name, namespace, labels },
  spec: {
    gatewayClassName: "istio-waypoint",
    listeners: [{ name: "mesh", port: 15008, protocol: "HBONE", ...(allowedRoutes && { allowedRoutes }) }],
  },
});
const from = (value: string, selector?: object) => ({ namespaces: { from: value, ...(selector && { selector }) } });
const world = worldOf([
  { kind: "Namespace", metadata: { name: "a", labels: { "istio.io/use-waypoint": "w" } } },
  { kind: "Namespace", metadata: { name: "b", labels: { team: "blue" } } },
  gateway("w", "a", {}),
  gateway("pods", "a", { "istio.io/waypoint-for": "workload" }),
  gateway("both", "a", { "istio.io/waypoint-for": "all" }),
  gateway("nobody", "a", { "istio.io/waypoint-for": "none" }),
  gateway("odd", "a", { "istio.io/waypoint-for": "everything" }),
  gateway("open", "a", {}, from("All")),
  gateway("blue", "a", {}, from("Selector", { matchLabels: { team: "blue" } })),
  gateway("red", "a", {}, from("Selector", { matchLabels: { team: "red" } })),
  gateway("closed", "a", {}, from("None")),
  { ...gateway("late", "a", {}), metadata: { name: "late", namespace: "a" } },
]);
const waypoints = findWaypoints(world, ({ name }) => name !== "late");
const use = (name: string, namespace?: string) => ({
  "istio.io/use-waypoint": name,
  ...(namespace !== undefined && { "istio.io/use-waypoint-namespace": namespace }),
});
const reasonOf = (binding: ReturnType<typeof bindService>) =>
  binding === undefined ? "none" : (binding.refusal?.reason ?? binding.named);

describe("the waypoint of a Service", () => {
  it.each<[string, string, Record<string, string>, string]>([
    ["is its namespace's", "a", {}, "a/w"],
    ["is its own before its namespace's", "a", use("open"), "a/open"],
    ["is none when it says so", "a", use("none"), "none"],
    ["is its namespace's when its own label is empty", "a", use(""), "a/w"],
    ["is none without any label", "b", {}, "none"],
    ["is sought in its own namespace", "b", use("w"), "WaypointIsNotReady"],
    ["may be another namespace's that lets all in", "b", use("open", "a"), "a/open"],
    ["may be another namespace's that picks it by label", "b", use("blue", "a"), "a/blue"],
    ["may not be another namespace's that picks others", "b", use("red", "a"), "AttachmentDenied"],
    ["may not be another namespace's that says nothing", "b", use("w", "a"), "AttachmentDenied"],
    ["may not be one that lets nobody in", "a", use("closed"), "AttachmentDenied"],
    ["must be for services", "a", use("pods"), "UnsupportedTrafficType"],
    ["may be for services and pods", "a", use("both"), "a/both"],
    ["may not be for nobody", "a", use("nobody"), "UnsupportedTrafficType"],
    ["may not be for something unknown", "a", use("odd"), "UnsupportedTrafficType"],
    ["must have been ready", "a", use("late"), "WaypointIsNotReady"],
    ["must exist", "a", use("nosuch"), "WaypointIsNotReady"],
    ["is none for a waypoint", "a", { "gateway.istio.io/managed": "istio.io-mesh-controller" }, "none"],
  ])("%s", (_, namespace, labels, expected) => {
    expect(reasonOf(bindService({ namespace, labels }, world, waypoints))).toBe(expected);
  });

  it.each<[Record<string, string>, boolean, boolean]>([
    [{}, false, false],
    [{ "istio.io/ingress-use-waypoint": "true" }, true, true],
    [{ "istio.io/ingress-use-waypoint": "false" }, false, true],
    [{ "istio.io/ingress-use-waypoint": "eurt" }, false, true],
  ])("takes calls from gateways only when %j says true", (labels, ingress, ingressLabelled) => {
    expect(bindService({ namespace: "a", labels }, world, waypoints)).toMatchObject({ ingress, ingressLabelled });
  });
});

describe("the waypoint of a pod", () => {
  it.each<[string, Record<string, string>, string]>([
    ["is not its namespace's when that is for services", {}, "none"],
    ["is its own", use("pods"), "a/pods"],
    ["may be for both", use("both"), "a/both"],
    ["must be for pods when it is asked for", use("open"), "UnsupportedTrafficType"],
    ["is none when it says so", use("none"), "none"],
  ])("%s", (_, labels, expected) => {
    expect(reasonOf(bindWorkload({ namespace: "a", labels }, world, waypoints))).toBe(expected);
  });
});
