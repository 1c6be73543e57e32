import { mkdirSync } from "node:fs";
import { delimiter, join } from "node:path";
import type { Namespace } from "../api/namespace.ts";
import type { Pod } from "../api/pod.ts";
import type { Running } from "../common/lifetime.ts";
import type { Log } from "../common/log.ts";
import { createKubeClient } from "../kube-client/client.ts";
import { createEventRecorder } from "../kube-client/event-recorder.ts";
import { type Informer, startInformer } from "../kube-client/informer.ts";
import { loadKubeconfig } from "../kube-client/kubeconfig.ts";
import { listenForAgent } from "./agent-link.ts";
import { makeBinDirectory } from "./bin-directory.ts";
import { redirectionAnnotation } from "./capture.ts";
import type { NodeRunnerConfig } from "./config.ts";
import { builtInImages } from "./images.ts";
import { serveKubeletApi } from "./kubelet-api/server.ts";
import { logFiles } from "./log-file.ts";
import { registerNode } from "./node-registration.ts";
import { openPodRecords } from "./pod-record.ts";
import { createPodSet } from "./pod-set.ts";
import { namespaceResource, podResource } from "./resources.ts";
import { kubernetesBackOff } from "./restart-policy.ts";
import { keepTokenFiles } from "./token-files.ts";

/** When everything must end at once, pods get this long, whatever their own grace period says. */
const shutdownGraceMs = 3_000;

export interface NodeRunner extends Running {
  /** Resolves when the node is registered and its pods are known; until then it waits for the API, for ever. */
  readonly ready: Promise<void>;
}

/** Starts the runner of one node. It can be closed before it is ready: then too no process of a pod is left behind. */
export async function startNodeRunner(config: NodeRunnerConfig, log: Log): Promise<NodeRunner> {
  const { node } = config;
  const closed = new AbortController();
  const bin = join(config.data, "bin");
  mkdirSync(config.data, { recursive: true, mode: 0o700 });
  mkdirSync(config.run, { recursive: true, mode: 0o700 });
  makeBinDirectory(bin, { node: process.execPath, root: config.root });
  const client = createKubeClient({
    kubeconfig: await loadKubeconfig(config.kubeconfig),
    component: `kubelet-${node}`,
  });
  const hostIP = config.podCidr.replace(/\.0\/24$/, ".1");

  const restored = Promise.withResolvers<void>();
  const agent = await listenForAgent({
    path: join(config.run, `${node}.zds.sock`),
    node,
    log,
    restored: restored.promise,
    onAck: (uid, sent, captured) => pods.worker(uid)?.acknowledged(sent, captured),
    onProblem: (uid, code, message) => pods.worker(uid)?.networkFailed(code, message),
  });
  const pods = createPodSet({
    podCidr: config.podCidr,
    context: {
      node,
      hostIP,
      path: [bin, config.hostPath].join(delimiter),
      compileCache: join(config.data, "compile-cache"),
      images: builtInImages({ node: process.execPath, root: config.root }),
      mesh: {
        xdsAddress: config.xdsAddress,
        xdsRootFile: config.xdsRoot,
        telemetryEndpoint: config.telemetryEndpoint,
        trustDomain: config.trustDomain,
        clusterId: config.clusterId,
        region: config.region,
        zone: config.zone,
      },
      backOff: { ...kubernetesBackOff, firstMs: config.crashBackOffMs },
      records: openPodRecords(join(config.data, "pods")),
      agent,
      client,
      log,
      events: createEventRecorder(client, { component: "kubelet", host: node }),
      namespaceLabels: (name) => namespaces.store.get({ name })?.metadata?.labels,
      annotate: async ({ metadata }, captured) => {
        const annotations = { [redirectionAnnotation]: captured ? "enabled" : null };
        // With the uid, so that a later pod of the same name is never marked by mistake.
        const body = { metadata: { uid: metadata?.uid, annotations } };
        await client.patch(podResource, metadata ?? {}, { type: "merge", body });
      },
    },
    removed: async ({ metadata }) => {
      const preconditions = metadata?.uid === undefined ? {} : { preconditions: { uid: metadata.uid } };
      await client.delete(podResource, metadata ?? {}, { gracePeriodSeconds: 0, ...preconditions });
    },
    log,
  });
  const kubelet = await serveKubeletApi({
    path: join(config.run, `${node}.kubelet.sock`),
    log,
    pod: (namespace, name) => {
      const worker = pods.find(namespace, name);
      const { spec, metadata } = worker?.pod() ?? {};
      const directory = join(config.data, "pods", metadata?.uid ?? "");
      return worker === undefined
        ? undefined
        : {
            containers: [...(spec?.containers ?? []), ...(spec?.initContainers ?? [])].map((one) => one.name),
            log: (container) => logFiles(directory, container),
            isRunning: worker.isRunning,
            exec: worker.exec,
          };
    },
  });

  const registration = registerNode(
    client,
    { name: node, podCidr: config.podCidr, region: config.region, zone: config.zone, address: hostIP },
    closed.signal,
    log,
  );
  void keepTokenFiles({
    client,
    directory: join(config.data, "agent"),
    serviceAccount: { namespace: "istio-system", name: "ztunnel" },
    boundTo: () => {
      const uid = registration.uid();
      return uid === undefined ? undefined : { kind: "Node", name: node, uid };
    },
    signal: closed.signal,
    log,
  });

  const onProblem = (error: unknown): void => log.warn("watch of the API broke, will go on", { error: String(error) });
  const namespaces = startInformer<Namespace>(client, {
    kind: namespaceResource,
    onProblem,
    onAdd: ({ metadata }) => pods.namespaceChanged(metadata?.name ?? ""),
    onUpdate: ({ metadata }) => pods.namespaceChanged(metadata?.name ?? ""),
  });
  let podInformer: Informer<Pod> | undefined;
  const follow = async (): Promise<void> => {
    // Before the first pod is seen, so that no pod starts outside the mesh for want of its namespace's labels.
    await namespaces.synced;
    if (closed.signal.aborted) {
      return;
    }
    podInformer = startInformer(client, {
      kind: podResource,
      fieldSelector: `spec.nodeName=${node}`,
      onProblem,
      onAdd: (pod) => pods.set(pod),
      onUpdate: (pod) => pods.set(pod),
      onDelete: (pod) => pods.gone(pod.metadata?.uid ?? ""),
      onSynced: () => pods.forgetOthers(),
    });
    await podInformer.synced;
    await registration.registered;
  };

  return {
    ready: follow(),
    async close() {
      podInformer?.close();
      namespaces.close();
      await kubelet.close();
      await pods.close(shutdownGraceMs);
      closed.abort();
      await agent.close();
      client.close();
    },
  };
}
