/** A real API server in a process of its own, with clients for the control plane and for a node. Test code. */
import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { Node } from "../api/node.ts";
import type { Pod } from "../api/pod.ts";
import { createLog } from "../common/log.ts";
import { createKubeClient, type KubeClient } from "../kube-client/client.ts";
import { isKubeError } from "../kube-client/error.ts";
import { type Informer, startInformer } from "../kube-client/informer.ts";
import { loadKubeconfig } from "../kube-client/kubeconfig.ts";
import { resources } from "./resources.ts";

export interface TestWorld {
  /** With the control plane's rights. */
  readonly client: KubeClient;
  /** With all rights. */
  readonly admin: KubeClient;
  readonly pods: Informer<Pod>;
  /** A node that says that it lives, until `stop` is called. */
  addNode(name: "node-a" | "node-b", zone: string): Promise<{ stop(): void; beat(): Promise<void> }>;
  /** From now on pods that are bound become ready, and pods that are deleted go. */
  playKubelet(): void;
  close(): Promise<void>;
}

export async function openWorld(): Promise<TestWorld> {
  const home = await mkdtemp(join(tmpdir(), "towpath-world-"));
  const program = fileURLToPath(new URL("../api-server/main.ts", import.meta.url));
  const flags = {
    data: join(home, "api"),
    host: "127.0.0.1",
    port: "0",
    credentials: join(home, "credentials"),
    kubeconfig: join(home, "kubeconfig"),
    run: home,
    nodes: "node-a,node-b",
  };
  const argv = Object.entries(flags).flatMap(([name, value]) => [`--${name}`, value]);
  const server = spawn(process.execPath, [program, ...argv], { stdio: ["pipe", "pipe", "inherit"] });
  await new Promise<void>((resolve, reject) => {
    createInterface({ input: server.stdout }).on("line", (line) => line.includes('"ready"') && resolve());
    server.once("exit", () => reject(new Error("the API server ended")));
  });
  const open = async (path: string, component: string): Promise<KubeClient> =>
    createKubeClient({ kubeconfig: await loadKubeconfig(path), component });
  const client = await open(join(flags.credentials, "control-plane.kubeconfig"), "controllers");
  const admin = await open(flags.kubeconfig, "admin");
  const stops: (() => void)[] = [];
  let playing = false;
  const log = createLog("test-world");

  /** Tries again as a kubelet does: one call that fails must not leave a pod waiting for ever. */
  const play = (pod: Pod): void => {
    const { name, namespace, uid } = pod.metadata ?? {};
    void playOnce(pod).catch((error: unknown) => {
      if (isKubeError(error, "notFound", "closed")) {
        return;
      }
      log.warn("a call of the played kubelet failed, will try again", { namespace, name, error: String(error) });
      const again = setTimeout(() => {
        const now = pods.store.get({ namespace, name });
        if (now?.metadata?.uid === uid && now !== undefined) {
          play(now);
        }
      }, 100);
      stops.push(() => clearTimeout(again));
    });
  };
  const playOnce = async (pod: Pod): Promise<void> => {
    const { name, namespace, deletionTimestamp } = pod.metadata ?? {};
    const isReady = pod.status?.conditions?.some(({ type, status }) => type === "Ready" && status === "True") === true;
    if (!playing || !pod.spec?.nodeName) {
      return;
    }
    if (deletionTimestamp !== undefined) {
      await admin.delete(resources.pods, { namespace, name }, { gracePeriodSeconds: 0 });
    } else if (!isReady) {
      const lastTransitionTime = new Date().toISOString().replace(/\.\d+/, "");
      const status = { phase: "Running", conditions: [{ type: "Ready", status: "True", lastTransitionTime }] };
      await admin.patch(
        resources.pods,
        { namespace, name },
        { type: "merge", body: { status }, subresource: "status" },
      );
    }
  };
  const pods = startInformer<Pod>(admin, {
    kind: resources.pods,
    onAdd: play,
    onUpdate: play,
    onProblem: (error) => log.warn("the watch of pods broke, will go on", { error: String(error) }),
  });

  return {
    client,
    admin,
    pods,
    async addNode(name, zone) {
      const labels = { "topology.kubernetes.io/region": "r1", "topology.kubernetes.io/zone": zone };
      const node: Node = { apiVersion: "v1", kind: "Node", metadata: { name, labels } };
      await admin.create(resources.nodes, node).catch(() => undefined);
      let beats = 0;
      const beat = async (): Promise<void> => {
        beats += 1;
        const at = new Date(Date.now() + beats * 1000).toISOString().replace(/\.\d+/, "");
        const conditions = [{ type: "Ready", status: "True", lastHeartbeatTime: at, lastTransitionTime: at }];
        const body = { status: { conditions } };
        await admin.patch(resources.nodes, { name }, { type: "merge", body, subresource: "status" });
      };
      await beat();
      const timer = setInterval(() => void beat().catch(() => undefined), 200);
      const stop = (): void => clearInterval(timer);
      stops.push(stop);
      return { stop, beat };
    },
    playKubelet() {
      playing = true;
      for (const pod of pods.store.list()) {
        play(pod);
      }
    },
    async close() {
      for (const stop of stops) {
        stop();
      }
      pods.close();
      client.close();
      admin.close();
      const ended = new Promise((resolve) => server.once("exit", resolve));
      server.stdin.end();
      await ended;
      await rm(home, { recursive: true, force: true });
    },
  };
}
