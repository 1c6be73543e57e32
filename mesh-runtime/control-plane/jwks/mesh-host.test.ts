import { describe, expect, it } from "vitest";
import { worldOf } from "../translate/world.suite.ts";
import { placeOf } from "./mesh-host.ts";

const service = (name: string, spec: object) => ({ kind: "Service", metadata: { namespace: "auth", name }, spec });
const pod = (name: string, labels: object, ready: boolean) => ({
  kind: "Pod",
  metadata: { namespace: "auth", name, labels },
  spec: { nodeName: "n", containers: [{ ports: [{ name: "web", containerPort: 9000 }] }] },
  status: { podIP: "127.9.1.10", conditions: [{ type: "Ready", status: ready ? "True" : "False" }] },
});

const world = worldOf([
  service("issuer", {
    selector: { app: "issuer" },
    ports: [
      { name: "http", port: 80, targetPort: 8080 },
      { name: "http-named", port: 81, targetPort: "web" },
    ],
  }),
  service("cold", { selector: { app: "cold" }, ports: [{ port: 80 }] }),
  service("away", { type: "ExternalName", externalName: "issuer.example" }),
  pod("issuer-1", { app: "issuer" }, true),
  pod("cold-1", { app: "cold" }, false),
]);

describe("where the host of a key set's URL is", () => {
  it.each([
    ["issuer.auth", 80, { kind: "pod", address: "127.9.1.10", port: 8080 }],
    ["ISSUER.auth.svc", 80, { kind: "pod", address: "127.9.1.10", port: 8080 }],
    ["issuer.auth.svc.cluster.local.", 81, { kind: "pod", address: "127.9.1.10", port: 9000 }],
    ["issuer.auth", 443, { kind: "nowhere", problem: "service auth/issuer has no port 443" }],
    ["cold.auth", 80, { kind: "nowhere", problem: "service auth/cold has no ready pod" }],
    ["lost.auth.svc", 80, { kind: "nowhere", problem: "no Service has the host lost.auth.svc" }],
    ["issuer.example", 443, { kind: "outside" }],
    ["issuer", 80, { kind: "outside" }],
    ["www.issuer.example", 443, { kind: "outside" }],
    ["away.auth", 443, { kind: "outside" }],
  ])("%s port %i", (host, port, place) => {
    expect(placeOf(host, port, world)).toEqual(place);
  });
});
