import { request } from "node:http";
import { request as secureRequest } from "node:https";
import { connect } from "node:net";
import type { ContainerPort, ProbeHandler } from "./pod-types.ts";

/** How one attempt went; `message` as the kubelet words it. */
export interface ProbeResult {
  readonly passed: boolean;
  readonly message: string;
}

/** What an attempt may use. */
export interface ProbeTarget {
  readonly ports: readonly ContainerPort[];
  /**
   * Where the application listens. Probes go there and not to the pod's public port, so that no mesh policy and no
   * trouble of the agent can make a healthy application look ill (kubelet probes are exempt from the mesh in Istio too).
   */
  readonly address: (containerPort: number) => { readonly host: string; readonly port: number };
  /** Runs a command in the container; resolves with its exit code and the end of its output. */
  readonly exec: (command: readonly string[], timeoutMs: number) => Promise<{ code: number; output: string }>;
}

/** Body bytes that an httpGet probe reads for its message. */
const bodyBytesMax = 1_024;

/** Makes one attempt; never rejects. A handler without any of the three actions passes, as Kubernetes refuses it anyway. */
export async function attemptProbe(
  handler: ProbeHandler,
  target: ProbeTarget,
  timeoutMs: number,
): Promise<ProbeResult> {
  try {
    if (handler.httpGet !== undefined) {
      return await httpGet(handler.httpGet, target, timeoutMs);
    }
    if (handler.tcpSocket !== undefined) {
      const { host, port } = resolve(handler.tcpSocket.port, target);
      await tcpConnect(host, port, timeoutMs);
      return { passed: true, message: "" };
    }
    if (handler.exec !== undefined) {
      const { code, output } = await target.exec(handler.exec.command ?? [], timeoutMs);
      return { passed: code === 0, message: output.trim() };
    }
    return { passed: true, message: "" };
  } catch (error) {
    return { passed: false, message: error instanceof Error ? error.message : String(error) };
  }
}

/** Connects and closes. @throws Error when nobody accepts in time. */
export async function tcpConnect(host: string, port: number, timeoutMs: number): Promise<void> {
  await new Promise<void>((done, reject) => {
    const socket = connect({ host, port, timeout: timeoutMs });
    const end = (error?: Error): void => {
      socket.destroy();
      error === undefined ? done() : reject(error);
    };
    socket.once("connect", () => end());
    socket.once("timeout", () => end(new Error(`dial tcp ${host}:${port}: i/o timeout`)));
    socket.once("error", end);
  });
}

function resolve(port: number | string | undefined, { ports, address }: ProbeTarget) {
  const number =
    typeof port === "number" ? port : (ports.find(({ name }) => name === port)?.containerPort ?? Number(port));
  if (!Number.isInteger(number) || number < 1 || number > 65_535) {
    throw new Error(`the container has no port ${JSON.stringify(port ?? "")}`);
  }
  return address(number);
}

async function httpGet(
  action: NonNullable<ProbeHandler["httpGet"]>,
  target: ProbeTarget,
  timeoutMs: number,
): Promise<ProbeResult> {
  const { host, port } = resolve(action.port, target);
  const secure = action.scheme === "HTTPS";
  const headers: Record<string, string[]> = {
    "user-agent": ["kube-probe/1.33"],
    accept: ["*/*"],
    connection: ["close"],
  };
  for (const { name, value } of action.httpHeaders ?? []) {
    const key = name.toLowerCase();
    headers[key] = [...(key === "user-agent" || key === "accept" ? [] : (headers[key] ?? [])), value];
  }
  // Node takes a list for `host` as several headers, which no server accepts.
  const sent = Object.fromEntries(
    Object.entries(headers).map(([key, values]) => [key, values.length === 1 ? values[0] : values]),
  );
  const path = action.path?.startsWith("/") === true ? action.path : `/${action.path ?? ""}`;
  return new Promise((done, reject) => {
    // A proxy variable of this process must not lead a probe astray, nor a kept connection hide a dead listener.
    const options = { host, port, path, headers: sent, agent: false, signal: AbortSignal.timeout(timeoutMs) } as const;
    const call = secure ? secureRequest({ ...options, rejectUnauthorized: false }) : request(options);
    call.once("error", (error) =>
      reject(
        error.name === "AbortError" || error.name === "TimeoutError"
          ? new Error(`Get ${path}: context deadline exceeded`)
          : error,
      ),
    );
    call.once("response", (response) => {
      const status = response.statusCode ?? 0;
      let body = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => {
        body = (body + chunk).slice(0, bodyBytesMax);
      });
      response.once("error", reject);
      response.once("end", () => {
        const passed = status >= 200 && status < 400;
        done({ passed, message: passed ? body : `HTTP probe failed with statuscode: ${status}` });
      });
    });
    call.end();
  });
}
