import { WebSocket } from "ws";
import type { Kubeconfig } from "../mesh-runtime/kube-client/kubeconfig.ts";

export interface SessionResult {
  readonly stdout: string;
  readonly stderr: string;
  /** Kubernetes Status of channel 3. */
  readonly status: { readonly status?: string; readonly message?: string };
}

/** Runs a command in a pod through the API server, as kubectl exec does (v5.channel.k8s.io). */
export function runInPod(
  kubeconfig: Kubeconfig,
  pod: { readonly namespace: string; readonly name: string },
  command: readonly string[],
): Promise<SessionResult> {
  const query = new URLSearchParams({ stdout: "true", stderr: "true" });
  for (const word of command) {
    query.append("command", word);
  }
  const url = `${kubeconfig.server.replace(/^https/, "wss")}/api/v1/namespaces/${pod.namespace}/pods/${pod.name}/exec?${query}`;
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url, "v5.channel.k8s.io", {
      ca: kubeconfig.certificateAuthority,
      headers: { authorization: `Bearer ${kubeconfig.token}` },
    });
    const text = { 1: "", 2: "", 3: "" } as Record<number, string>;
    socket.on("message", (data: Buffer) => {
      const channel = data[0] ?? 0;
      text[channel] = (text[channel] ?? "") + data.subarray(1).toString();
    });
    socket.on("error", reject);
    socket.on("unexpected-response", (_request, response) => {
      reject(new Error(`exec answered ${response.statusCode}`));
    });
    socket.on("close", () => {
      resolve({ stdout: text[1] ?? "", stderr: text[2] ?? "", status: text[3] ? JSON.parse(text[3]) : {} });
    });
  });
}

/** One answer of `towpath-request --json`. */
export interface Answer {
  readonly n: number;
  readonly status: number;
  readonly ms: number;
  readonly service?: string;
  readonly version?: string;
  readonly pod?: string;
  readonly body?: string;
  readonly error?: string;
}

/** Sends real requests from inside a pod. */
export async function requestFrom(
  kubeconfig: Kubeconfig,
  pod: { readonly namespace: string; readonly name: string },
  url: string,
  more: readonly string[] = [],
): Promise<Answer[]> {
  const { stdout, stderr, status } = await runInPod(kubeconfig, pod, [
    "towpath-request",
    "--json",
    "--url",
    url,
    ...more,
  ]);
  const answers = stdout
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line) as Answer);
  if (answers.length === 0) {
    throw new Error(`no answer from ${pod.namespace}/${pod.name}: ${stderr} ${JSON.stringify(status)}`);
  }
  return answers;
}
