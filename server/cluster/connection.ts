import type { IncomingMessage } from "node:http";
import { Agent, type RequestOptions, request } from "node:https";
import { createInterface } from "node:readline";
import type { KubeConfig } from "@kubernetes/client-node";
import { ClusterError, clusterErrorOf } from "./errors.ts";

const requestTimeoutMs = 10_000;
const answerMax = 64 * 1024 * 1024;
/** A watch without a word this long is dead: bookmarks come about once a minute. */
const watchSilenceMs = 5 * 60_000;

export interface ClusterRequest {
  readonly method: "GET" | "POST" | "PATCH" | "PUT" | "DELETE";
  /** With query. */
  readonly path: string;
  readonly body?: unknown;
  readonly contentType?: string;
}

export interface ClusterAnswer {
  readonly body: unknown;
  /** Texts of the `Warning` headers (RFC 9110, 299). */
  readonly warnings: readonly string[];
}

/** The Kubernetes API over HTTPS with the credentials of a kubeconfig or of the pod's service account. */
export class ClusterConnection {
  readonly config: KubeConfig;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 32 });
  readonly #server: URL;

  private constructor(config: KubeConfig) {
    this.config = config;
    this.#server = new URL(config.getCurrentCluster()?.server ?? "https://127.0.0.1:6443");
  }

  /** `kubeconfig` is a path; empty means the pod's own service account. */
  static async open(kubeconfig: string): Promise<ClusterConnection> {
    // Half a second of import: only here, and only once.
    const { KubeConfig } = await import("@kubernetes/client-node");
    const config = new KubeConfig();
    if (kubeconfig === "") {
      config.loadFromCluster();
    } else {
      config.loadFromFile(kubeconfig);
    }
    return new ClusterConnection(config);
  }

  async #options(path: string): Promise<RequestOptions> {
    const options: RequestOptions = { headers: {} };
    await this.config.applyToHTTPSOptions(options);
    const { hostname, port, pathname } = this.#server;
    return {
      ...options,
      agent: this.#agent,
      hostname,
      port: port === "" ? 443 : port,
      path: `${pathname.replace(/\/$/, "")}${path}`,
    };
  }

  async #send(input: ClusterRequest, signal?: AbortSignal): Promise<IncomingMessage> {
    const options = await this.#options(input.path);
    const payload = input.body === undefined ? undefined : Buffer.from(JSON.stringify(input.body));
    return new Promise((resolve, reject) => {
      const outgoing = request(
        {
          ...options,
          method: input.method,
          ...(signal === undefined ? {} : { signal }),
          headers: {
            ...(options.headers as Record<string, string>),
            accept: "application/json",
            ...(payload === undefined
              ? {}
              : { "content-type": input.contentType ?? "application/json", "content-length": payload.byteLength }),
          },
        },
        resolve,
      );
      outgoing.on("error", (cause) =>
        reject(new ClusterError("unreachable", 0, `The Kubernetes API does not answer: ${cause.message}`, { cause })),
      );
      outgoing.end(payload);
    });
  }

  /** One request. Throws `ClusterError` for every answer that is not 2xx. */
  async request(input: ClusterRequest): Promise<ClusterAnswer> {
    const response = await this.#send(input, AbortSignal.timeout(requestTimeoutMs));
    const body = parseBody(await readAll(response));
    const status = response.statusCode ?? 0;
    if (status < 200 || status > 299) {
      const message = (body as { message?: unknown } | undefined)?.message;
      throw clusterErrorOf(status, typeof message === "string" ? message : `The Kubernetes API answered ${status}`);
    }
    return { body, warnings: parseWarnings(response.headers["warning"]) };
  }

  /** Events of a watch until the server ends it. Throws `ClusterError` when it cannot be opened or breaks. */
  async *watch(path: string, signal: AbortSignal): AsyncGenerator<unknown> {
    const response = await this.#send({ method: "GET", path }, signal);
    if (response.statusCode !== 200) {
      await readAll(response);
      throw clusterErrorOf(response.statusCode ?? 0, `The watch was answered with ${response.statusCode}`);
    }
    response.setTimeout(watchSilenceMs, () => response.destroy(new Error("the watch went silent")));
    try {
      for await (const line of createInterface({ input: response, crlfDelay: Number.POSITIVE_INFINITY })) {
        if (line !== "") {
          yield JSON.parse(line);
        }
      }
    } catch (cause) {
      throw new ClusterError("unreachable", 0, `The watch broke: ${String(cause)}`, { cause });
    } finally {
      response.destroy();
    }
  }

  close(): void {
    this.#agent.destroy();
  }
}

async function readAll(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > answerMax) {
      response.destroy();
      throw new ClusterError("server-error", response.statusCode ?? 0, "The Kubernetes API answered with too much");
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function parseBody(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return { message: text.slice(0, 500) };
  }
}

/** `299 - "text"`, several joined by commas. */
export function parseWarnings(header: string | string[] | undefined): string[] {
  const text = Array.isArray(header) ? header.join(", ") : (header ?? "");
  return [...text.matchAll(/299 \S+ "((?:[^"\\]|\\.)*)"/g)].map((match) => (match[1] ?? "").replace(/\\(.)/g, "$1"));
}
