import { request as httpRequest, type IncomingHttpHeaders } from "node:http";
import { request as httpsRequest } from "node:https";
import { bodyBytesMax } from "./server.ts";

/** One HTTP call. With NODE_USE_ENV_PROXY=1 it goes through HTTP_PROXY, like any program in a pod. */
export interface Call {
  readonly url: URL;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: string;
  /** Limit for the whole call, body included. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/**
 * Makes a call and reads its answer.
 * @throws Error when there is no answer: refused, reset, timed out, or longer than `bodyBytesMax`.
 */
export async function call({ url, method = "GET", headers = {}, body, timeoutMs, signal }: Call): Promise<Answer> {
  const timeout = AbortSignal.timeout(timeoutMs);
  const request = (url.protocol === "https:" ? httpsRequest : httpRequest)(url, {
    method,
    headers: {
      ...single(headers),
      ...(body !== undefined && !hasHeader(headers, "content-length") && { "content-length": Buffer.byteLength(body) }),
    },
    signal: signal === undefined ? timeout : AbortSignal.any([timeout, signal]),
  });
  return new Promise((resolve, reject) => {
    request.once("error", (error) => {
      reject(timeout.aborted ? new Error(`no answer within ${timeoutMs} ms`, { cause: error }) : error);
    });
    request.once("response", (response) => {
      const chunks: Buffer[] = [];
      let length = 0;
      response.on("data", (chunk: Buffer) => {
        length += chunk.length;
        if (length > bodyBytesMax) {
          request.destroy(new Error(`answer longer than ${bodyBytesMax} bytes`));
          return;
        }
        chunks.push(chunk);
      });
      response.once("error", reject);
      response.once("end", () => {
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: Buffer.concat(chunks).toString("utf8"),
        });
      });
    });
    request.end(body);
  });
}

/** Node sends a list for `host` in a way that no server accepts: one value is sent as one. */
const single = (headers: NonNullable<Call["headers"]>): Record<string, string | readonly string[]> =>
  Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name,
      typeof value === "string" || value.length !== 1 ? value : (value[0] ?? ""),
    ]),
  );

const hasHeader = (headers: object, name: string): boolean =>
  Object.keys(headers).some((key) => key.toLowerCase() === name);

/** Names why a call got no answer, in words that a reader of the JSON understands. */
export function callErrorText(error: unknown): string {
  if (error instanceof AggregateError) {
    return error.errors.map(callErrorText).join("; ");
  }
  if (error instanceof Error) {
    const code = "code" in error && typeof error.code === "string" ? error.code : undefined;
    return code === undefined || error.message.includes(code) ? error.message : `${code}: ${error.message}`;
  }
  return String(error);
}
