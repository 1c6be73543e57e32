import { Agent, type ClientRequest, type IncomingMessage, request as plainRequest } from "node:http";

/** Posts JSON to the collector on one kept connection. (`fetch` would cost a proxy several megabytes.) */
export interface CollectorClient {
  /** Resolves with the status. Rejects when there is no answer within the time. */
  post(path: string, body: string, token: string, signal: AbortSignal): Promise<number>;
  close(): void;
}

/** `endpoint` is the base, `http:` or `https:`. */
export async function createCollectorClient(endpoint: string, timeoutMs: number): Promise<CollectorClient> {
  const secure = new URL(endpoint).protocol === "https:";
  // Rarely needed, and not free.
  const https = secure ? await import("node:https") : undefined;
  const agent =
    https === undefined
      ? new Agent({ keepAlive: true, maxSockets: 1 })
      : new https.Agent({ keepAlive: true, maxSockets: 1 });
  const send = https?.request ?? plainRequest;
  return {
    post: (path, body, token, signal) => {
      const { promise, resolve, reject } = Promise.withResolvers<number>();
      const data = Buffer.from(body);
      const request: ClientRequest = send(
        new URL(path, endpoint),
        {
          method: "POST",
          agent,
          timeout: timeoutMs,
          signal,
          headers: {
            "content-type": "application/json",
            "content-length": data.length,
            authorization: `Bearer ${token}`,
          },
        },
        (response: IncomingMessage) => {
          response.on("error", reject);
          response.on("end", () => resolve(response.statusCode ?? 0));
          response.resume();
        },
      );
      request.on("timeout", () => request.destroy(new Error(`no answer within ${timeoutMs} ms`)));
      request.on("error", reject);
      request.end(data);
      return promise;
    },
    close: () => agent.destroy(),
  };
}
