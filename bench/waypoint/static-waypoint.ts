/**
 * A waypoint's data plane with everything on and its configuration from a file instead of xDS: HBONE in, engine,
 * authorization, routes, telemetry, HBONE out. `node static-waypoint.ts <certificates.json> --routes 10 --rules 10`;
 * prints its port.
 */
import { readFileSync } from "node:fs";
import process from "node:process";
import { parseArgs } from "node:util";
import { encodeLogs, encodeMetrics } from "../../mesh-runtime/api/otlp-encode.ts";
import { closeWithParent } from "../../mesh-runtime/common/lifetime.ts";
import { createLog } from "../../mesh-runtime/common/log.ts";
import { TestCertificates } from "../../mesh-runtime/hbone/test-authority.suite.ts";
import { AccessLog } from "../../mesh-runtime/proxy/access-log.ts";
import { ClusterCounters } from "../../mesh-runtime/proxy/cluster-counters.ts";
import { DataPlane, drainTimes } from "../../mesh-runtime/proxy/data-plane.ts";
import { proxyStatus } from "../../mesh-runtime/proxy/proxy-status.ts";
import { Recorder } from "../../mesh-runtime/telemetry/recorder.ts";
import { backendAddress, benchAddresses, benchConfig, benchSettings } from "./bench-config.ts";
import type { BenchCertificates } from "./certificates.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { routes: { type: "string", default: "10" }, rules: { type: "string", default: "10" } },
});
const { waypoint } = JSON.parse(readFileSync(positionals[0] ?? "", "utf8")) as BenchCertificates;
const certificates = new TestCertificates();
certificates.renew(waypoint);
const log = createLog("bench");
const startedUnixMs = Date.now();
const recorder = new Recorder({
  proxy: "waypoint-1.bench",
  node: "node-a",
  status: () =>
    proxyStatus({
      settings: benchSettings,
      startedUnixMs,
      xds: { status: () => ({ connected: true, lastAppliedUnixMs: startedUnixMs, rejected: [] }) } as never,
      view: plane.view,
      certificates: { status: () => [] } as never,
      config: () => plane.config,
      openConnections: () => plane.openConnections,
    }),
  clusters: () => counters.take(Date.now()),
});
const counters = new ClusterCounters(() => plane.clusters());
const { promise: bound, resolve: onBound } = Promise.withResolvers<number>();
const plane = new DataPlane({
  settings: benchSettings,
  certificates,
  recorder,
  counters,
  accessLog: new AccessLog(2),
  log,
  hbonePort: 0,
  onListen: (_name, _address, port) => onBound(port),
});
plane.view.apply(benchAddresses(backendAddress), []);
plane.apply(benchConfig({ routes: Number(values.routes), rules: Number(values.rules) }));

// What leaves a real waypoint once a second is made here too, and thrown away.
let pushedBytes = 0;
const push = setInterval(() => {
  plane.noteSecured(Date.now());
  const batch = recorder.take();
  pushedBytes += JSON.stringify(encodeMetrics(batch, Date.now())).length + JSON.stringify(encodeLogs(batch, 0)).length;
}, 1_000);

console.log(JSON.stringify({ port: await bound }));
closeWithParent({
  close: async () => {
    clearInterval(push);
    log.debug("made telemetry", { bytes: pushedBytes });
    await plane.drain({ ...drainTimes, lameDuckMs: 0, goawayMs: 0, finishMs: 0 });
    process.exit(0);
  },
});
