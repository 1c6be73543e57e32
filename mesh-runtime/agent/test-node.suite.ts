import { once } from "node:events";
import type { createServer, Server } from "node:net";
import type { TelemetryBatch } from "../api/telemetry.ts";
import { createLog } from "../common/log.ts";
import { createHbonePool, type HbonePool } from "../hbone/pool.ts";
import { type TestAuthority, TestCertificates } from "../hbone/test-authority.suite.ts";
import type { Authorization } from "../policy/model.ts";
import { Recorder } from "../telemetry/recorder.ts";
import type { MeshService, Workload } from "../xds/model.ts";
import type { ZdsPod } from "../zds/protocol.ts";
import { Dialer } from "./dialer.ts";
import { watchFirstSync } from "./first-sync.ts";
import { InboundGate } from "./inbound-gate.ts";
import { createInboundTelemetry } from "./inbound-telemetry.ts";
import { MeshState } from "./mesh-state.ts";
import { createOutboundTelemetry } from "./outbound-telemetry.ts";
import { OutsideDestinations } from "./outside-destinations.ts";
import { PodRegistry } from "./pod-registry.ts";

const log = createLog("test");
let nextBlock = 0;

/** A part of the loopback range for one test file, so that files can run at the same time. */
export function testAddresses(): (host: number) => string {
  const block = 240 + (process.pid % 10);
  nextBlock += 1;
  const third = (Math.floor(process.pid / 10) + nextBlock) % 250;
  return (host) => `127.${block}.${third}.${host}`;
}

/** The mesh as a test describes it; every node's state follows. */
export class TestMesh {
  readonly nodes: TestNode[] = [];
  readonly certificates = new TestCertificates();
  readonly authority: TestAuthority;
  readonly #workloads = new Map<string, Workload>();
  readonly #services = new Map<string, MeshService>();
  readonly #policies = new Map<string, Authorization>();

  constructor(authority: TestAuthority) {
    this.authority = authority;
  }

  node(name: string, options: { synced?: Promise<void> } = {}): TestNode {
    const node = new TestNode(name, this.certificates, options.synced ?? Promise.resolve());
    for (const [uid, workload] of this.#workloads) {
      node.mesh.applyAddresses({
        upserted: [{ name: uid, value: { kind: "workload", workload } }],
        removed: [],
        initial: true,
      });
    }
    this.nodes.push(node);
    return node;
  }

  async identity(namespace: string, serviceAccount: string): Promise<void> {
    this.certificates.renew(await this.authority.issue(`spiffe://cluster.local/ns/${namespace}/sa/${serviceAccount}`));
  }

  workload(workload: Workload): void {
    this.#workloads.set(workload.uid, workload);
    for (const { mesh } of this.nodes) {
      mesh.applyAddresses({
        upserted: [{ name: workload.uid, value: { kind: "workload", workload } }],
        removed: [],
        initial: false,
      });
    }
  }

  /** Changes a workload, as the control plane does when capture stands. */
  change(uid: string, patch: Partial<Workload>): void {
    const known = this.#workloads.get(uid);
    if (known === undefined) {
      throw new Error(`no workload ${uid}`);
    }
    this.workload({ ...known, ...patch });
  }

  service(service: MeshService): void {
    const name = `${service.namespace}/${service.hostname}`;
    this.#services.set(name, service);
    for (const { mesh } of this.nodes) {
      mesh.applyAddresses({ upserted: [{ name, value: { kind: "service", service } }], removed: [], initial: false });
    }
  }

  policy(...policies: Authorization[]): void {
    for (const policy of policies) {
      this.#policies.set(`${policy.namespace}/${policy.name}`, policy);
    }
    for (const { mesh } of this.nodes) {
      mesh.applyAuthorizations({
        upserted: policies.map((value) => ({ name: `${value.namespace}/${value.name}`, value })),
        removed: [],
        initial: false,
      });
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.close()));
  }
}

/** One agent without control plane and node runner: the same parts, wired to a test's mesh. */
export class TestNode {
  readonly mesh = new MeshState();
  readonly outside = new OutsideDestinations();
  readonly recorder: Recorder;
  readonly pool: HbonePool;
  readonly registry: PodRegistry;
  readonly gate: InboundGate;
  readonly dialer: Dialer;
  /** Who may use the fronts; tests of attestation say otherwise. */
  admitsCallers = true;

  constructor(name: string, certificates: TestCertificates, synced: Promise<void>) {
    this.recorder = new Recorder({ proxy: `ztunnel~${name}`, node: name, status: () => ({}) as never, sampling: 1 });
    this.pool = createHbonePool({ certificates, trustDomain: "cluster.local", log });
    const firstSync = watchFirstSync(synced);
    const telemetry = createInboundTelemetry(this.mesh, this.recorder, log, name);
    this.gate = new InboundGate(this.mesh, telemetry, firstSync);
    this.dialer = new Dialer({
      mesh: this.mesh,
      pool: this.pool,
      outside: this.outside,
      connectTimeoutMs: 1_000,
    });
    this.registry = new PodRegistry({
      trustDomain: "cluster.local",
      clusterId: "Kubernetes",
      certificates: { release: () => undefined },
      listeners: {
        inbound: { gate: this.gate, telemetry },
        outbound: {
          attestor: { inodeOf: () => Promise.resolve("1"), holds: () => Promise.resolve(this.admitsCallers) },
          dialer: this.dialer,
          telemetry: createOutboundTelemetry(this.mesh, this.recorder, log, name),
          firstSync,
          podNews: (pod) => this.registry.news(pod, 20),
        },
        certificates,
        firstSync,
        onCaptureChanged: () => undefined,
      },
    });
    certificates.onRenewal((certificate) => this.registry.renewed(certificate));
  }

  #id = 0;
  put(pod: ZdsPod): ReturnType<PodRegistry["handle"]> {
    this.#id += 1;
    return this.registry.handle({ type: "pod", id: this.#id, pod });
  }

  take(): TelemetryBatch {
    return this.recorder.take();
  }

  async close(): Promise<void> {
    await this.registry.close();
    this.pool.close();
  }
}

/** A pod and its workload, alike in everything but what a test says. */
export function pod(
  name: string,
  address: string,
  appPort: number,
  options: { captured?: boolean; namespace?: string; uid?: string } = {},
): ZdsPod {
  return {
    uid: options.uid ?? `uid-${name}`,
    name,
    namespace: options.namespace ?? name,
    serviceAccount: name,
    podIP: address,
    ports: [{ name: "http", port: 8080, appPort }],
    captured: options.captured ?? false,
    sessions: [],
  };
}

export function workload(name: string, address: string, options: Partial<Workload> = {}): Workload {
  const namespace = options.namespace ?? name;
  return {
    uid: `Kubernetes//Pod/${namespace}/${name}`,
    name,
    namespace,
    addresses: [address],
    tunnelProtocol: "NONE",
    nativeTunnel: false,
    trustDomain: "cluster.local",
    serviceAccount: name,
    node: "node-a",
    canonicalName: name,
    canonicalRevision: "v1",
    workloadType: "DEPLOYMENT",
    workloadName: name,
    services: {
      [`${namespace}/${name}.${namespace}.svc.cluster.local`]: [{ servicePort: 80, targetPort: 8080 }],
    },
    authorizationPolicies: [],
    status: "HEALTHY",
    clusterId: "Kubernetes",
    locality: { region: "r1", zone: "r1-a", subzone: "" },
    ...options,
  };
}

export const service = (name: string, namespace = name): MeshService => ({
  name,
  namespace,
  hostname: `${name}.${namespace}.svc.cluster.local`,
  addresses: [],
  ports: [{ servicePort: 80, targetPort: 8080 }],
});

/** STRICT as the control plane sends it. */
export const strict: Authorization = {
  name: "istio_converted_static_strict",
  namespace: "istio-system",
  scope: "GLOBAL",
  action: "DENY",
  dryRun: false,
  groups: [{ rules: [{ matches: [{ notPrincipals: [{ kind: "presence" }] }] }] }],
};

export const allow = (namespace: string, ...principals: string[]): Authorization => ({
  name: "allow",
  namespace,
  scope: "NAMESPACE",
  action: "ALLOW",
  dryRun: false,
  groups: principals.map((value) => ({
    rules: [{ matches: [{ principals: [{ kind: "exact", value }] }] }],
  })),
});

/** Listens on a free port of 127.0.0.1. */
export async function listen(server: Server | ReturnType<typeof createServer>): Promise<number> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as { port: number }).port;
}
