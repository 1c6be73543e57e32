import { request as httpRequest, type IncomingMessage, type ServerResponse } from "node:http";
import { join } from "node:path";
import type { Duplex } from "node:stream";
import type { KubeObject } from "../../api/meta.ts";
import { failure } from "../../api/status.ts";
import { ApiError, errors } from "../api-error.ts";
import type { ObjectRequest } from "../http/request.ts";
import { isTrue } from "../resources/options.ts";
import type { Store } from "../store/store.ts";

/** Where nodes are reached. */
export interface NodeSocketDeps {
  readonly store: Store;
  /** Directory of `<node>.kubelet.sock`. */
  readonly run: string;
}

interface PodLike extends KubeObject {
  spec?: { nodeName?: string; containers?: readonly { name: string }[]; initContainers?: readonly { name: string }[] };
}

const defaultContainerAnnotation = "kubectl.kubernetes.io/default-container";
const connectTimeoutMs = 5_000;

interface Place {
  readonly socketPath: string;
  readonly path: string;
}

/** Finds pod, container and node of a request. Throws 400, 404. */
function placeOf({ store, run }: NodeSocketDeps, { kind, target, query }: ObjectRequest, what: "logs" | "exec"): Place {
  const name = target.name ?? "";
  const namespace = target.namespace ?? "";
  const pod = store.get({ resource: "/pods", namespace, name })?.object as PodLike | undefined;
  if (pod === undefined) {
    throw errors.notFound(kind, name);
  }
  const all = [...(pod.spec?.containers ?? []), ...(pod.spec?.initContainers ?? [])].map((container) => container.name);
  const asked = query.get("container") || pod.metadata?.annotations?.[defaultContainerAnnotation];
  const container = asked ?? all[0] ?? "";
  if (!all.includes(container)) {
    throw errors.badRequest(`container ${container} is not valid for pod ${name}`);
  }
  const node = pod.spec?.nodeName;
  if (!node) {
    throw errors.badRequest(`pod ${name} does not have a host assigned`);
  }
  const parts = [what, namespace, name, container].map(encodeURIComponent);
  return { socketPath: join(run, `${node}.kubelet.sock`), path: `/${parts.join("/")}` };
}

const unreachable = (): ApiError =>
  new ApiError(failure(502, "InternalError", "the pod's node does not answer; it may be starting", {}));

const logParameters = ["tailLines", "sinceSeconds", "sinceTime", "limitBytes"] as const;
const logFlags = ["follow", "previous", "timestamps"] as const;

/** GET `pods/<name>/log`: passes the node's text stream on. Resolves when it has ended. Throws 400, 404, 502. */
export function streamLogs(deps: NodeSocketDeps, request: ObjectRequest, response: ServerResponse): Promise<void> {
  const { socketPath, path } = placeOf(deps, request, "logs");
  const query = new URLSearchParams();
  for (const name of logParameters) {
    const value = request.query.get(name);
    if (value !== null && value !== "") {
      query.set(name, value);
    }
  }
  for (const name of logFlags) {
    if (request.query.has(name) && isTrue(request.query.get(name))) {
      query.set(name, "true");
    }
  }
  return new Promise((resolve, reject) => {
    const upstream = httpRequest({ socketPath, path: `${path}?${query}`, timeout: connectTimeoutMs }, (answer) => {
      upstream.setTimeout(0);
      response.writeHead(answer.statusCode ?? 502, {
        "content-type": answer.headers["content-type"] ?? "text/plain",
        "cache-control": "no-cache, private",
      });
      response.flushHeaders();
      answer.pipe(response);
      answer.on("error", () => response.destroy());
      response.on("close", () => {
        answer.destroy();
        resolve();
      });
    });
    upstream.on("timeout", () => upstream.destroy(new Error("timeout")));
    upstream.on("error", () => (response.headersSent ? response.destroy() : reject(unreachable())));
    response.on("close", () => {
      upstream.destroy();
      resolve();
    });
    upstream.end();
  });
}

const execFlags = ["stdin", "stdout", "stderr", "tty"] as const;

/**
 * `pods/<name>/exec`: joins the client's WebSocket to the node's. The handshake is the node's, the bytes pass
 * unchanged both ways. Throws 400, 404 before anything is sent.
 */
export function joinExec(deps: NodeSocketDeps, request: ObjectRequest, client: Duplex, head: Buffer): void {
  const { socketPath, path } = placeOf(deps, request, "exec");
  const query = new URLSearchParams();
  const command = request.query.getAll("command");
  if (command.length === 0) {
    throw errors.badRequest("you must specify at least one command for the container");
  }
  for (const word of command) {
    query.append("command", word);
  }
  for (const name of execFlags) {
    if (request.query.has(name) && isTrue(request.query.get(name))) {
      query.set(name, "true");
    }
  }
  const { headers } = request.raw;
  const passed = ["upgrade", "sec-websocket-key", "sec-websocket-version", "sec-websocket-protocol"] as const;
  const upstream = httpRequest({
    socketPath,
    path: `${path}?${query}`,
    timeout: connectTimeoutMs,
    headers: {
      host: "localhost",
      connection: "Upgrade",
      ...Object.fromEntries(passed.flatMap((name) => (headers[name] === undefined ? [] : [[name, headers[name]]]))),
    },
  });
  upstream.on("upgrade", (answer, node, nodeHead) => {
    upstream.setTimeout(0);
    client.write(headOf(answer));
    client.write(nodeHead);
    node.write(head);
    node.pipe(client);
    client.pipe(node);
    const end = (): void => {
      node.destroy();
      client.destroy();
    };
    for (const side of [node, client]) {
      side.on("error", end);
      side.on("close", end);
    }
  });
  upstream.on("response", (answer) => {
    client.write(headOf(answer));
    answer.pipe(client);
  });
  upstream.on("timeout", () => upstream.destroy(new Error("timeout")));
  upstream.on("error", () => refuseUpgrade(client, unreachable()));
  client.on("close", () => upstream.destroy());
  upstream.end();
}

function headOf(answer: IncomingMessage): string {
  const lines = [`HTTP/1.1 ${answer.statusCode} ${answer.statusMessage}`];
  for (let at = 0; at < answer.rawHeaders.length; at += 2) {
    lines.push(`${answer.rawHeaders[at]}: ${answer.rawHeaders[at + 1]}`);
  }
  return `${lines.join("\r\n")}\r\n\r\n`;
}

/** Answers a request to upgrade with a Status instead, and ends the connection. */
export function refuseUpgrade(client: Duplex, { status }: ApiError): void {
  if (client.destroyed || !client.writable) {
    return;
  }
  const body = JSON.stringify(status);
  client.end(
    `HTTP/1.1 ${status.code} ${status.reason ?? "Error"}\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
  );
}
