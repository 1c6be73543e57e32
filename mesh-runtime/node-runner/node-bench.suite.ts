/** A node without a cluster, for tests: real processes and sockets, an agent and an API that only remember. */
import { mkdtempSync } from "node:fs";
import { createConnection } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { createLog } from "../common/log.ts";
import { KubeError } from "../kube-client/error.ts";
import type { EventFacts } from "../kube-client/event-recorder.ts";
import { type ZdsPod, type ZdsRequest, zdsRequest } from "../zds/protocol.ts";
import { type AgentLink, listenForAgent } from "./agent-link.ts";
import { redirectionAnnotation } from "./capture.ts";
import { builtInImages } from "./images.ts";
import { openPodRecords } from "./pod-record.ts";
import { createPodSet, type PodSet } from "./pod-set.ts";
import type { Container, Pod } from "./pod-types.ts";

/** What happened, in order: `pod captured`, `annotate true`, `remove`, `deleted`… */
export type Journal = string[];

export interface StandInAgent {
  readonly requests: readonly ZdsRequest[];
  last(uid: string): ZdsPod | undefined;
  close(): void;
}

/** Connects as the agent and acknowledges everything, as long as `answer` says so. */
export async function standInAgent(
  path: string,
  journal: Journal = [],
  answer: (pod: ZdsPod) => "ack" | "error" = () => "ack",
): Promise<StandInAgent> {
  const requests: ZdsRequest[] = [];
  const socket = createConnection(path);
  const say = (value: object): boolean => socket.write(`${JSON.stringify(value)}\n`);
  await new Promise<void>((resolve, reject) => socket.once("connect", resolve).once("error", reject));
  say({ type: "hello", version: 1, node: "node-t" });
  createInterface({ input: socket }).on("line", (line) => {
    const request = zdsRequest.parse(JSON.parse(line));
    requests.push(request);
    journal.push(request.type === "pod" ? `pod captured=${request.pod.captured}` : request.type);
    const good = request.type !== "pod" || answer(request.pod) === "ack";
    say(
      good
        ? { type: "ack", id: request.id, captured: request.type === "pod" && request.pod.captured }
        : { type: "error", id: request.id, code: "addressInUse", message: "taken" },
    );
  });
  return {
    requests,
    last: (uid) =>
      requests.flatMap((request) => (request.type === "pod" && request.pod.uid === uid ? request.pod : [])).at(-1),
    close: () => socket.destroy(),
  };
}

export interface NodeBench {
  readonly pods: PodSet;
  readonly link: AgentLink;
  readonly agentPath: string;
  readonly data: string;
  readonly journal: Journal;
  readonly events: EventFacts[];
  readonly namespaceLabels: Record<string, Record<string, string>>;
  /** The pod as the API has it. */
  get(name: string): Pod | undefined;
  /** Creates or changes a pod in the API and tells the node. */
  put(pod: Pod): void;
  close(): Promise<void>;
}

/** Opens a node; with `data` of an earlier one it is that node's next life. */
export async function openNode(data = mkdtempSync(join(tmpdir(), "towpath-node-"))): Promise<NodeBench> {
  const api = new Map<string, Pod>();
  const journal: Journal = [];
  const events: EventFacts[] = [];
  const namespaceLabels: Record<string, Record<string, string>> = {};
  const agentPath = join(data, "zds.sock");
  const log = createLog("test");
  const change = (name: string, apply: (pod: Pod) => Pod): void => {
    const pod = api.get(name);
    if (pod === undefined) {
      throw new KubeError("notFound", name);
    }
    put(apply(pod));
  };
  const put = (pod: Pod): void => {
    api.set(pod.metadata?.name ?? "", pod);
    pods.set(pod);
  };
  const link = await listenForAgent({
    restored: Promise.resolve(),
    path: agentPath,
    node: "node-t",
    log,
    onAck: (uid, sent, captured) => pods.worker(uid)?.acknowledged(sent, captured),
    onProblem: (uid, code, message) => pods.worker(uid)?.networkFailed(code, message),
  });
  const pods = createPodSet({
    podCidr: "127.241.7.0/24",
    log,
    removed: async ({ metadata }) => {
      journal.push("deleted");
      api.delete(metadata?.name ?? "");
      pods.gone(metadata?.uid ?? "");
    },
    context: {
      node: "node-t",
      hostIP: "127.241.7.1",
      path: `${process.execPath.replace(/\/[^/]+$/, "")}:/usr/local/bin:/usr/bin:/bin`,
      compileCache: join(data, "compile-cache"),
      images: builtInImages({ node: process.execPath, root: "/nowhere" }),
      mesh: {
        xdsAddress: "127.241.0.1:15012",
        xdsRootFile: "/nowhere",
        telemetryEndpoint: "http://127.0.0.1:1",
        trustDomain: "cluster.local",
        clusterId: "Kubernetes",
        region: "r",
        zone: "z",
      },
      backOff: { firstMs: 60, lastMs: 400, forgetAfterMs: 600_000 },
      records: openPodRecords(join(data, "pods")),
      agent: link,
      client: {
        async patch(_kind, { name = "" }, patch) {
          const { status } = patch.body as { status: Pod["status"] };
          change(name, (pod) => ({ ...pod, status: { ...pod.status, ...status } }));
          return {} as never;
        },
        async createToken(_account, { audiences }) {
          return { token: `token for ${audiences.join()}`, expiresAt: new Date(Date.now() + 3_600_000) };
        },
      },
      log,
      events: { record: (_about, facts) => events.push(facts) },
      namespaceLabels: (namespace) => namespaceLabels[namespace],
      annotate: async ({ metadata }, captured) => {
        journal.push(`annotate ${captured}`);
        change(metadata?.name ?? "", (pod) => {
          const { [redirectionAnnotation]: _, ...others } = pod.metadata?.annotations ?? {};
          const annotations = captured ? { ...others, [redirectionAnnotation]: "enabled" } : others;
          return { ...pod, metadata: { ...pod.metadata, annotations } };
        });
      },
    },
  });
  return {
    pods,
    link,
    agentPath,
    data,
    journal,
    events,
    namespaceLabels,
    get: (name) => api.get(name),
    put,
    async close() {
      await pods.close(200);
      await link.close();
    },
  };
}

/** A pod of one container. */
export function aPod(name: string, container: Partial<Container>, spec: Partial<NonNullable<Pod["spec"]>> = {}): Pod {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace: "ns", uid: `uid-${name}` },
    spec: {
      containers: [{ name: "app", ...container }],
      serviceAccountName: "sa",
      terminationGracePeriodSeconds: 2,
      ...spec,
    },
  };
}

/** A program that answers 200 on its PORT, except where a file of its directory says otherwise. */
export const server = [
  process.execPath,
  "-e",
  `require("node:http").createServer((q, r) => { r.statusCode = require("node:fs").existsSync("ill") ? 500 : 200; r.end(JSON.stringify(process.env)); }).listen(process.env.PORT, "127.0.0.1", () => console.log("up")); process.on("SIGTERM", () => process.exit(0));`,
];
