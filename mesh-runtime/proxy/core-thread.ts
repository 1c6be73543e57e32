import { type MessagePort, parentPort, workerData } from "node:worker_threads";
import type { ProxyStatus } from "../api/telemetry.ts";
import { createLog } from "../common/log.ts";
import type { CertificateSource } from "../hbone/secure-context.ts";
import type { Certificate } from "../identity/certificate-request.ts";
import { formatSpiffeId } from "../identity/spiffe-id.ts";
import { Recorder } from "../telemetry/recorder.ts";
import { AccessLog } from "./access-log.ts";
import { Audits } from "./audits.ts";
import { ClusterCounters } from "./cluster-counters.ts";
import type { CoreStart, FromCore, ToCore } from "./core-messages.ts";
import { DataPlane } from "./data-plane.ts";
import { utilizationMeter } from "./utilization.ts";
import { WantedKeys } from "./wanted-keys.ts";

const reportMs = 1_000;
const stdout = 1;

/** Certificates as the main thread hands them over. */
class HandedCertificates implements CertificateSource {
  readonly #listeners = new Set<(certificate: Certificate) => void>();
  #certificate: Certificate;

  constructor(certificate: Certificate) {
    this.#certificate = certificate;
  }

  renew(certificate: Certificate): void {
    this.#certificate = certificate;
    for (const listener of this.#listeners) {
      listener(certificate);
    }
  }

  current: CertificateSource["current"] = (identity) => {
    const { info } = this.#certificate;
    return info.spiffeId === formatSpiffeId(identity) && info.notAfterUnixMs > Date.now()
      ? this.#certificate
      : undefined;
  };

  fetch: CertificateSource["fetch"] = (identity) => {
    const certificate = this.current(identity);
    return certificate === undefined ? Promise.reject(new Error("no valid certificate")) : Promise.resolve(certificate);
  };

  onRenewal: CertificateSource["onRenewal"] = (listener) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };
}

/** Serves the same addresses as the main thread, with what that one hands over, until it is told to drain. */
async function run(port: MessagePort, start: CoreStart): Promise<void> {
  const { settings } = start;
  const certificates = new HandedCertificates(start.certificate);
  const accessLog = new AccessLog(stdout);
  const counters = new ClusterCounters(() => plane.clusters());
  const audits = new Audits();
  const wantedIssuers: string[] = [];
  const wantedKeys = new WantedKeys((issuer) => wantedIssuers.push(issuer));
  const recorder = new Recorder({
    proxy: `${settings.podName}.${settings.namespace}`,
    node: settings.node,
    // The main thread reports for both.
    status: () => ({}) as ProxyStatus,
    clusters: () => counters.take(Date.now()),
  });
  const plane = new DataPlane({
    settings,
    certificates,
    recorder,
    counters,
    audits,
    accessLog,
    log: createLog("proxy", { thread: 2 }),
    onUnknownKey: wantedKeys.wanted,
    reusePort: true,
    ...(start.hbonePort === undefined ? {} : { hbonePort: start.hbonePort }),
  });
  plane.view.apply(start.addresses, []);
  plane.apply(start.config);

  const utilization = utilizationMeter();
  const send = (message: FromCore): void => port.postMessage(message);
  const report = (): void => {
    plane.noteSecured(Date.now());
    const batch = { ...recorder.take(), status: [] };
    send({
      type: "report",
      batch,
      audits: audits.take(),
      wantedKeys: wantedIssuers.splice(0),
      openConnections: plane.openConnections,
      utilization: utilization(),
    });
  };
  const reports = setInterval(report, reportMs);
  const drained = Promise.withResolvers<void>();
  port.on("message", (message: ToCore) => {
    switch (message.type) {
      case "certificate":
        certificates.renew(message.certificate);
        break;
      case "addresses":
        plane.view.apply(message.upserted, message.removed);
        break;
      case "config":
        // The main thread has taken it; should this one not, it ends rather than go by rules that no longer hold.
        plane.apply(message.config);
        break;
      case "drain":
        plane.drain(message.times).then(drained.resolve, drained.reject);
        break;
    }
  });
  await plane.settled;
  if (!plane.bound) {
    throw new Error("the addresses of the main thread cannot be bound");
  }
  send({ type: "bound" });
  await drained.promise;
  clearInterval(reports);
  report();
  await accessLog.flushed();
  port.close();
}

if (parentPort !== null) {
  await run(parentPort, workerData as CoreStart);
}
