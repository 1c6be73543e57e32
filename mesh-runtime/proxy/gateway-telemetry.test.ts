import { expect, test } from "vitest";
import { telemetryBatch } from "../api/telemetry.ts";
import type { ExchangeOutcome } from "../l7/exchange-outcome.ts";
import { type Endpoint, MeshView } from "../l7/mesh-view.ts";
import { Recorder } from "../telemetry/recorder.ts";
import type { Workload } from "../xds/model.ts";
import type { GatewayConfig } from "./config.ts";
import { GatewayTelemetry } from "./gateway-telemetry.ts";

const config: GatewayConfig = {
  podName: "ingress-istio-1",
  namespace: "istio-ingress",
  podIp: "127.16.1.10",
  node: "node-a",
  serviceAccount: "ingress-istio",
  gateway: "ingress",
  workloadName: "ingress-istio",
  app: "ingress-istio",
  version: "latest",
  xdsAddress: "",
  xdsRootFile: "",
  tokenFile: "",
  telemetryEndpoint: "",
  telemetryTokenFile: "",
  trustDomain: "cluster.local",
  clusterId: "Kubernetes",
  region: "r1",
  zone: "r1-a",
  hostPorts: new Map(),
};
const service = "web-api/web-api.web-api.svc.cluster.local";
const workload: Workload = {
  uid: "Kubernetes//Pod/web-api/web-api-1",
  name: "web-api-1",
  namespace: "web-api",
  addresses: ["127.16.1.11"],
  tunnelProtocol: "HBONE",
  nativeTunnel: false,
  trustDomain: "cluster.local",
  serviceAccount: "web-api",
  node: "node-a",
  canonicalName: "web-api",
  canonicalRevision: "v1",
  workloadType: "DEPLOYMENT",
  workloadName: "web-api",
  services: {},
  authorizationPolicies: [],
  status: "HEALTHY",
  clusterId: "Kubernetes",
  locality: { region: "r1", zone: "r1-a", subzone: "" },
};
const endpoint: Endpoint = {
  key: "k",
  address: "127.16.1.11",
  port: 8080,
  hbone: true,
  identity: { trustDomain: "cluster.local", namespace: "web-api", serviceAccount: "web-api" },
  workload,
  service,
  target: "10.0.0.1:80",
  locality: { region: "", zone: "", subzone: "" },
  addedMs: 0,
  healthy: true,
};
const outcome = (more: Partial<ExchangeOutcome> = {}): ExchangeOutcome => ({
  method: "GET",
  path: "/users/1234567",
  host: "istioinaction.io",
  status: 200,
  flag: "-",
  durationMs: 3,
  requestBytes: 1,
  responseBytes: 2,
  clientAddress: "127.0.0.1",
  port: 80,
  backend: { service, port: 8080, weight: 1 },
  endpoint,
  traceparent: `00-${"a".repeat(32)}-${"b".repeat(16)}-00`,
  ...more,
});

function recorded(...outcomes: ExchangeOutcome[]) {
  const recorder = new Recorder({ proxy: "p", node: "node-a", status: () => ({}) as never, sampling: 1 });
  const telemetry = new GatewayTelemetry(config, recorder, { sampling: 1 });
  for (const one of outcomes) {
    telemetry.record(one);
  }
  const batch = { ...recorder.take(), status: [] };
  telemetryBatch.parse(batch);
  return batch;
}

test("an answered request counts on both edges", () => {
  const { requests, shapes, access, denials } = recorded(outcome(), outcome());
  expect(requests).toMatchObject([
    {
      labels: {
        reporter: "destination",
        source_workload: "unknown",
        destination_workload: "ingress-istio",
        destination_service: "ingress-istio.istio-ingress.svc.cluster.local",
        connection_security_policy: "none",
      },
      responseCode: 200,
      count: 2,
    },
    {
      labels: {
        reporter: "source",
        source_workload: "ingress-istio",
        source_principal: "cluster.local/ns/istio-ingress/sa/ingress-istio",
        destination_workload: "web-api",
        destination_principal: "cluster.local/ns/web-api/sa/web-api",
        destination_version: "v1",
        destination_service: "web-api.web-api.svc.cluster.local",
        destination_service_name: "web-api",
        destination_service_namespace: "web-api",
        connection_security_policy: "mutual_tls",
      },
      count: 2,
      requestBytes: 2,
      responseBytes: 4,
    },
  ]);
  expect(shapes).toMatchObject([
    { path: "/users/{id}", destinationPort: 80, decision: "allowed", count: 2 },
    { path: "/users/{id}", destinationPort: 8080, decision: "allowed", count: 2 },
  ]);
  expect(access[0]).toMatchObject({ traceId: "a".repeat(32), destinationPod: "web-api/web-api-1" });
  expect(denials).toEqual([]);
});

test("a refusal by this gateway is counted with its reason, and nowhere else", () => {
  const denial = {
    allowed: false,
    reason: "no-allow-policy-matched",
    policy: "istio-system/deny-all",
    attribute: "none",
    evaluated: ["istio-system/deny-all"],
  } as const;
  const { requests, denials } = recorded(
    outcome({
      status: 403,
      flag: "RBAC_ACCESS_DENIED",
      denial,
      backend: undefined,
      endpoint: undefined,
      traceparent: "",
    }),
  );
  expect(requests.map(({ labels, responseFlags }) => [labels.reporter, responseFlags])).toEqual([
    ["destination", "RBAC_ACCESS_DENIED"],
  ]);
  expect(denials).toMatchObject([
    {
      hop: "gateway",
      reason: "no-allow-policy-matched",
      policy: "istio-system/deny-all",
      rule: -1,
      answer: 403,
      count: 1,
    },
  ]);
});

test("a refusal by the destination's agent marks the edge to it as denied", () => {
  const { requests, shapes } = recorded(outcome({ status: 503, flag: "DENY" }));
  expect(requests.map(({ responseFlags }) => responseFlags)).toEqual(["DENY", "DENY"]);
  expect(shapes.map(({ decision }) => decision)).toEqual(["allowed", "denied"]);
});

test("without an endpoint the service alone is known", () => {
  const { requests } = recorded(outcome({ status: 503, flag: "UH", endpoint: undefined }));
  expect(requests[1]?.labels).toMatchObject({ destination_workload: "unknown", destination_service_name: "web-api" });
});

test("what a client sends cannot break the contract", () => {
  recorded(outcome({ method: "M".repeat(5_000), path: `/${"p".repeat(9_000)}`, host: "h".repeat(5_000) }));
});

test("mutual TLS is reported once per pair, with both certificates", () => {
  const recorder = new Recorder({ proxy: "p", node: "node-a", status: () => ({}) as never });
  const telemetry = new GatewayTelemetry(config, recorder);
  const view = new MeshView();
  view.apply([{ name: workload.uid, value: { kind: "workload", workload } }], []);
  const info = (spiffeId: string) => ({ spiffeId, serial: "1f", notBeforeUnixMs: 1, notAfterUnixMs: 2 });
  const identity = { trustDomain: "cluster.local", namespace: "web-api", serviceAccount: "web-api" };
  const connection = {
    tlsVersion: "TLSv1.3",
    cipher: "TLS_AES_256_GCM_SHA384",
    source: {
      identity,
      info: info("spiffe://cluster.local/ns/istio-ingress/sa/ingress-istio"),
      key: "",
      chain: "",
      roots: [],
    },
    peer: { identity, info: info("spiffe://cluster.local/ns/web-api/sa/web-api") },
    localAddress: "127.16.1.10",
    address: "127.16.1.11",
    streams: 1,
  };
  telemetry.secured([connection, connection], view, 5);
  expect(recorder.take().secured).toMatchObject([
    {
      sourcePrincipal: "cluster.local/ns/istio-ingress/sa/ingress-istio",
      destinationPrincipal: "cluster.local/ns/web-api/sa/web-api",
      sourceWorkload: "ingress-istio",
      destinationWorkload: "web-api",
      tlsVersion: "TLSv1.3",
      connections: 2,
    },
  ]);
});
