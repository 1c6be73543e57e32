import type { IncomingMessage } from "node:http";
import { Agent, request } from "node:https";
import { errorFromAnswer, KubeError } from "./error.ts";
import type { Kubeconfig } from "./kubeconfig.ts";

/** Limits of the transport; sizes in bytes, times in milliseconds. */
export interface TransportLimits {
  readonly requestTimeoutMs: number;
  readonly answerBytesMax: number;
  readonly socketsMax: number;
}

export const defaultLimits: TransportLimits = {
  requestTimeoutMs: 15_000,
  answerBytesMax: 64 << 20,
  socketsMax: 16,
};

export interface Call {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  readonly body?: unknown;
  readonly contentType?: string;
  readonly signal?: AbortSignal | undefined;
}

/** HTTPS to one API server: pooled connections for calls, one connection for each stream. */
export interface Transport {
  /** Sends a call and parses the JSON answer. Rejects with `KubeError`. */
  json(call: Call): Promise<unknown>;
  /** Opens a stream (a watch): resolves with the answer once its headers are there and say 200. */
  stream(call: Call): Promise<IncomingMessage>;
  close(): void;
}

export function createTransport(config: Kubeconfig, userAgent: string, limits: TransportLimits): Transport {
  const base = new URL(config.server);
  const tls = { ca: config.certificateAuthority, minVersion: "TLSv1.3" as const };
  const pool = new Agent({
    ...tls,
    keepAlive: true,
    maxSockets: limits.socketsMax,
    maxFreeSockets: 4,
    scheduling: "lifo",
  });
  const streams = new Agent({ ...tls, keepAlive: false });
  const closed = new AbortController();

  const open = (call: Call, agent: Agent, retried = false): Promise<IncomingMessage> =>
    new Promise((resolve, reject) => {
      if (closed.signal.aborted || call.signal?.aborted) {
        reject(new KubeError("closed", "the client is closed"));
        return;
      }
      const body = call.body === undefined ? undefined : JSON.stringify(call.body);
      const signal = call.signal === undefined ? closed.signal : AbortSignal.any([closed.signal, call.signal]);
      const outgoing = request(
        {
          protocol: "https:",
          host: base.hostname,
          port: base.port || 443,
          path: `${call.path}${queryString(call.query)}`,
          method: call.method,
          agent,
          signal,
          headers: {
            authorization: `Bearer ${config.token}`,
            accept: "application/json",
            "user-agent": userAgent,
            ...(body === undefined
              ? {}
              : { "content-type": call.contentType ?? "application/json", "content-length": Buffer.byteLength(body) }),
          },
        },
        (answer) => {
          clearTimeout(timer);
          resolve(answer);
        },
      );
      const timer = setTimeout(() => {
        outgoing.destroy(
          new KubeError("timeout", `no answer to ${call.method} ${call.path} in ${limits.requestTimeoutMs} ms`),
        );
      }, limits.requestTimeoutMs);
      outgoing.on("error", (cause: NodeJS.ErrnoException) => {
        clearTimeout(timer);
        if (cause instanceof KubeError) {
          reject(cause);
        } else if (signal.aborted) {
          reject(new KubeError("closed", "the call was cancelled", { cause }));
        } else if (
          !retried &&
          outgoing.reusedSocket &&
          (cause.code === "ECONNRESET" || cause.code === "EPIPE") &&
          call.method === "GET"
        ) {
          // The server closed an idle connection at the moment we used it; a read may be repeated without harm.
          open(call, agent, true).then(resolve, reject);
        } else {
          reject(new KubeError("unreachable", `${call.method} ${call.path}: ${cause.message}`, { cause }));
        }
      });
      outgoing.end(body);
    });

  return {
    async json(call) {
      const answer = await open(call, pool);
      const text = await readAll(answer, limits, call);
      const status = answer.statusCode ?? 0;
      if (status < 200 || status > 299) {
        throw errorFromAnswer(status, text);
      }
      try {
        return JSON.parse(text) as unknown;
      } catch (cause) {
        throw new KubeError("badAnswer", `${call.method} ${call.path} answered no JSON`, { status, cause });
      }
    },
    async stream(call) {
      const answer = await open(call, streams);
      const status = answer.statusCode ?? 0;
      if (status !== 200) {
        throw errorFromAnswer(status, await readAll(answer, limits, call));
      }
      answer.socket.setKeepAlive(true, 30_000);
      return answer;
    },
    close() {
      closed.abort();
      pool.destroy();
      streams.destroy();
    },
  };
}

function queryString(query: Call["query"]): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value !== undefined) {
      params.set(name, String(value));
    }
  }
  const text = params.toString();
  return text === "" ? "" : `?${text}`;
}

/** Collects a body within its limits; the request's time limit holds for the body too. */
function readAll(answer: IncomingMessage, limits: TransportLimits, call: Call): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const timer = setTimeout(() => {
      answer.destroy(new KubeError("timeout", `the answer to ${call.method} ${call.path} did not end in time`));
    }, limits.requestTimeoutMs);
    answer.on("data", (chunk: Buffer) => {
      size += chunk.length;
      if (size > limits.answerBytesMax) {
        answer.destroy(
          new KubeError(
            "tooLarge",
            `the answer to ${call.method} ${call.path} is larger than ${limits.answerBytesMax} bytes`,
          ),
        );
      } else {
        chunks.push(chunk);
      }
    });
    answer.on("end", () => {
      clearTimeout(timer);
      resolve(Buffer.concat(chunks).toString("utf8"));
    });
    answer.on("error", (cause) => {
      clearTimeout(timer);
      reject(
        cause instanceof KubeError
          ? cause
          : new KubeError("unreachable", `${call.method} ${call.path}: ${cause.message}`, { cause }),
      );
    });
    answer.on("close", () => {
      clearTimeout(timer);
      reject(new KubeError("unreachable", `the answer to ${call.method} ${call.path} was cut off`));
    });
  });
}
