import { availableParallelism, hostname, release, totalmem } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import type { Node } from "../api/node.ts";
import type { Log } from "../common/log.ts";
import type { KubeClient } from "../kube-client/client.ts";
import { isKubeError } from "../kube-client/error.ts";
import { nodeResource } from "./resources.ts";
import { timestamp } from "./timestamp.ts";

export interface NodeFacts {
  readonly name: string;
  readonly podCidr: string;
  readonly region: string;
  readonly zone: string;
  /** Address of the node, where its agent listens. */
  readonly address: string;
}

/** How often the node says that it lives; a controller calls it NotReady after about 10 s of silence. */
const heartbeatMs = 3_000;
const retryMs = 300;

/** Keeps the Node object there and its Ready condition fresh until the signal fires. */
export interface NodeRegistration {
  /** Resolves with the first heartbeat that the API acknowledged. */
  readonly registered: Promise<void>;
  /** The Node's uid, once known. */
  uid(): string | undefined;
}

export function registerNode(client: KubeClient, facts: NodeFacts, signal: AbortSignal, log: Log): NodeRegistration {
  let uid: string | undefined;
  let readySince = timestamp(new Date());
  let markRegistered: () => void = () => undefined;
  const registered = new Promise<void>((resolve) => {
    markRegistered = resolve;
  });
  const key = { name: facts.name };

  const ensure = async (): Promise<void> => {
    const { metadata, spec } = nodeObject(facts);
    // A merge patch keeps what others have put there: taints, labels, unschedulable.
    const node = await client
      .patch(nodeResource, key, { type: "merge", body: { metadata: { labels: metadata?.labels }, spec } })
      .catch(async (error: unknown) => {
        if (!isKubeError(error, "notFound")) {
          throw error;
        }
        return client.create(nodeResource, nodeObject(facts));
      });
    uid = node.metadata?.uid;
    const ready = node.status?.conditions?.find(({ type }) => type === "Ready");
    readySince = (ready?.status === "True" ? ready.lastTransitionTime : undefined) ?? timestamp(new Date());
  };
  const beat = async (): Promise<void> => {
    const body = { status: nodeStatus(facts, readySince, timestamp(new Date())) };
    await client.patch(nodeResource, key, { type: "merge", body, subresource: "status" });
  };
  const run = async (): Promise<void> => {
    let known = false;
    while (!signal.aborted) {
      try {
        if (!known) {
          await ensure();
          known = true;
        }
        await beat();
        markRegistered();
        await sleep(heartbeatMs, undefined, { signal });
      } catch (error) {
        if (signal.aborted) {
          return;
        }
        known = known && !isKubeError(error, "notFound");
        log.warn("heartbeat failed", { error: String(error) });
        await sleep(retryMs, undefined, { signal }).catch(() => undefined);
        // The controller may have called the node NotReady meanwhile.
        readySince = timestamp(new Date());
        known = false;
      }
    }
  };
  void run();
  return { registered, uid: () => uid };
}

function nodeObject({ name, podCidr, region, zone }: NodeFacts): Node {
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: {
      name,
      labels: {
        "kubernetes.io/hostname": name,
        "kubernetes.io/os": process.platform,
        "kubernetes.io/arch": architecture(),
        "topology.kubernetes.io/region": region,
        "topology.kubernetes.io/zone": zone,
      },
    },
    spec: { podCIDR: podCidr, podCIDRs: [podCidr], providerID: `towpath://${name}` },
  };
}

function nodeStatus({ address, name }: NodeFacts, readySince: string, now: string): NonNullable<Node["status"]> {
  const size = {
    cpu: String(availableParallelism()),
    memory: `${Math.floor(totalmem() / 1024)}Ki`,
    pods: "241",
  };
  const good = (type: string, status: "True" | "False", reason: string, message: string) => ({
    type,
    status,
    reason,
    message,
    lastHeartbeatTime: now,
    lastTransitionTime: readySince,
  });
  return {
    capacity: size,
    allocatable: size,
    addresses: [
      { type: "InternalIP", address },
      { type: "Hostname", address: name },
    ],
    conditions: [
      good("MemoryPressure", "False", "KubeletHasSufficientMemory", "kubelet has sufficient memory available"),
      good("DiskPressure", "False", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
      good("PIDPressure", "False", "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
      good("Ready", "True", "KubeletReady", "the node runner is posting ready status"),
    ],
    nodeInfo: {
      machineID: hostname(),
      systemUUID: hostname(),
      bootID: "",
      kernelVersion: release(),
      osImage: "Towpath embedded node",
      containerRuntimeVersion: "towpath://processes",
      kubeletVersion: "v1.33.0-towpath",
      kubeProxyVersion: "",
      operatingSystem: process.platform,
      architecture: architecture(),
    },
  };
}

/** Go's names, as kubectl and node selectors expect them. */
const architecture = (): string => (process.arch === "x64" ? "amd64" : process.arch);
