import { chmodSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { WebSocketServer } from "ws";
import type { Running } from "../../common/lifetime.ts";
import type { Log } from "../../common/log.ts";
import type { ExecSessions } from "../exec-session.ts";
import type { LogFiles } from "../log-file.ts";
import { serveExec } from "./exec.ts";
import { execProtocols } from "./exec-channel.ts";
import { logOptions } from "./log-options.ts";
import { hasLog, sendLog } from "./logs.ts";

/** What the kubelet API shows of one pod. */
export interface KubeletPod {
  readonly containers: readonly string[];
  readonly log: (container: string) => LogFiles;
  readonly isRunning: (container: string) => boolean;
  readonly exec: ExecSessions;
}

export interface KubeletApiOptions {
  /** Unix socket (0600); only this machine's user reaches it, so it asks for no credentials of its own. */
  readonly path: string;
  readonly pod: (namespace: string, name: string) => KubeletPod | undefined;
  readonly log: Log;
}

const commandMax = { words: 256, bytes: 64 << 10 };

/** Serves logs and exec to the API server. */
export async function serveKubeletApi({ path, pod, log }: KubeletApiOptions): Promise<Running> {
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: 1 << 20,
    handleProtocols: (offered) => execProtocols.find((protocol) => offered.has(protocol)) ?? false,
  });
  const server = createServer((request, response) => {
    answer(request, response, pod).catch((error: unknown) => {
      log.warn("kubelet call failed", { url: request.url, error: String(error) });
      response.headersSent ? response.destroy() : refuse(response, 500, String(error));
    });
  });
  server.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on("error", () => undefined);
    const target = locate(request, pod);
    if (target === undefined || target.what !== "exec" || "problem" in target) {
      const problem = target !== undefined && "problem" in target ? target.problem : "no such path";
      rejectUpgrade(socket, target !== undefined && "problem" in target ? target.status : 404, problem);
      return;
    }
    const { query } = target;
    const argv = query.getAll("command");
    if (argv.length === 0 || argv.length > commandMax.words || argv.join(" ").length > commandMax.bytes) {
      rejectUpgrade(socket, 400, "you must specify a command of a reasonable length");
      return;
    }
    const on = (name: string): boolean => ["true", "1"].includes(query.get(name) ?? "");
    sockets.handleUpgrade(request, socket, head, (webSocket) => {
      const options = { stdin: on("stdin"), stdout: on("stdout"), stderr: on("stderr"), tty: on("tty") };
      void serveExec(webSocket, target.pod.exec, { container: target.container, argv, ...options });
    });
  });
  rmSync(path, { force: true });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(path, resolve);
  });
  chmodSync(path, 0o600);
  return {
    async close() {
      for (const client of sockets.clients) {
        client.terminate();
      }
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

type Target =
  | { what: string; status: number; problem: string }
  | { what: string; pod: KubeletPod; container: string; query: URLSearchParams };

/** Resolves `/<what>/<namespace>/<pod>/<container>`; undefined when the path is something else. */
function locate(request: IncomingMessage, find: KubeletApiOptions["pod"]): Target | undefined {
  let url: URL;
  let parts: string[];
  try {
    url = new URL(request.url ?? "/", "http://kubelet");
    parts = url.pathname.split("/").map(decodeURIComponent);
  } catch {
    return undefined;
  }
  const [, what = "", namespace, name, container, ...rest] = parts;
  if (namespace === undefined || name === undefined || container === undefined || rest.length > 0) {
    return undefined;
  }
  const pod = find(namespace, name);
  if (pod === undefined) {
    return { what, status: 404, problem: `pod ${JSON.stringify(`${namespace}/${name}`)} is not on this node` };
  }
  if (!pod.containers.includes(container)) {
    return { what, status: 400, problem: `container ${container} is not valid for pod ${name}` };
  }
  return { what, pod, container, query: url.searchParams };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  find: KubeletApiOptions["pod"],
): Promise<void> {
  request.resume();
  const target = request.method === "GET" ? locate(request, find) : undefined;
  if (target === undefined || target.what !== "logs") {
    refuse(response, 404, "no such path");
    return;
  }
  if ("problem" in target) {
    refuse(response, target.status, target.problem);
    return;
  }
  const options = logOptions.safeParse(Object.fromEntries(target.query));
  if (!options.success) {
    refuse(response, 400, options.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`).join("; "));
    return;
  }
  const files = target.pod.log(target.container);
  if (!hasLog(files, options.data.previous)) {
    const problem = options.data.previous
      ? `previous terminated container ${JSON.stringify(target.container)} not found`
      : `container ${JSON.stringify(target.container)} is waiting to start`;
    refuse(response, 400, problem);
    return;
  }
  await sendLog(response, files, options.data, () => target.pod.isRunning(target.container));
}

function refuse(response: ServerResponse, status: number, message: string): void {
  response.writeHead(status, { "content-type": "text/plain; charset=utf-8" }).end(message);
}

function rejectUpgrade(socket: Duplex, status: number, message: string): void {
  socket.end(
    `HTTP/1.1 ${status} ${status === 404 ? "Not Found" : "Bad Request"}\r\ncontent-type: text/plain; charset=utf-8\r\ncontent-length: ${Buffer.byteLength(message)}\r\nconnection: close\r\n\r\n${message}`,
  );
}
