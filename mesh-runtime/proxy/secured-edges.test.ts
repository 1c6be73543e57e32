import { expect, test } from "vitest";
import { parseWorkloadIdentity } from "../identity/spiffe-id.ts";
import { MeshView } from "../l7/mesh-view.ts";
import { httpbin, settings, sleep } from "./proxy-fixtures.suite.ts";
import { securedEdges } from "./secured-edges.ts";

test("mutual TLS is reported once per pair for both directions, with both certificates", () => {
  const view = new MeshView({ kind: "waypoint" });
  view.apply(
    [httpbin, sleep].map((pod) => ({ name: pod.uid, value: { kind: "workload" as const, workload: pod } })),
    [],
  );
  const side = (name: string) => {
    const spiffeId = `spiffe://cluster.local/ns/default/sa/${name}`;
    return {
      identity: parseWorkloadIdentity(spiffeId),
      info: { spiffeId, serial: name, notBeforeUnixMs: 1, notAfterUnixMs: 2 },
    };
  };
  const tls = { tlsVersion: "TLSv1.3", cipher: "TLS_AES_256_GCM_SHA384" };
  const upstream = {
    ...tls,
    source: { ...side("waypoint"), key: "", chain: "", roots: [] },
    peer: side("httpbin"),
    localAddress: undefined,
    address: "127.16.1.11",
    streams: 1,
  };
  const inbound = {
    ...tls,
    peer: side("sleep"),
    principal: "cluster.local/ns/default/sa/sleep",
    remoteAddress: "127.16.1.12",
    remotePort: 1,
    ourSerial: "waypoint",
    ours: side("waypoint").info,
  };
  const edges = securedEdges(settings, view, [upstream, upstream], [inbound], 5);
  expect(edges).toMatchObject([
    {
      sourcePrincipal: "spiffe://cluster.local/ns/default/sa/waypoint",
      destinationPrincipal: "spiffe://cluster.local/ns/default/sa/httpbin",
      sourceWorkload: "waypoint",
      destinationWorkload: "httpbin",
      connections: 2,
    },
    {
      sourcePrincipal: "spiffe://cluster.local/ns/default/sa/sleep",
      destinationPrincipal: "spiffe://cluster.local/ns/default/sa/waypoint",
      sourceWorkload: "sleep",
      destinationWorkload: "waypoint",
      sourceCertificate: { serial: "sleep" },
      connections: 1,
    },
  ]);
});
