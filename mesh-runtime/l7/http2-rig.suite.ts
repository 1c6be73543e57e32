import { once } from "node:events";
import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  createServer,
  type Http2Server,
  type IncomingHttpHeaders,
  type ServerHttp2Stream,
} from "node:http2";
import type { AddressInfo } from "node:net";
import { opened, type Rig } from "./engine-rig.suite.ts";

/** An HTTP/2 server (prior knowledge) on a free port of 127.0.0.1. */
export async function startHttp2Backend(
  onStream: (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => void,
): Promise<{ port: number; sessions: () => number }> {
  let sessions = 0;
  const server: Http2Server = createServer({ settings: { enableConnectProtocol: true } });
  const open = new Set<{ destroy(): void }>();
  server.on("session", (session) => {
    sessions++;
    open.add(session);
    session.on("error", () => undefined);
  });
  server.on("stream", (stream: ServerHttp2Stream, headers) => {
    stream.on("error", () => undefined);
    onStream(stream, headers);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  opened.push({
    close: () => {
      for (const session of open) {
        session.destroy();
      }
      server.close();
    },
  });
  return { port: (server.address() as AddressInfo).port, sessions: () => sessions };
}

/** An HTTP/2 connection to the proxy. */
export function http2Client({ port }: Rig): ClientHttp2Session {
  const session = connect(`http://127.0.0.1:${port}`);
  session.on("error", () => undefined);
  opened.push({ close: () => session.destroy() });
  return session;
}

export interface Http2Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly trailers: IncomingHttpHeaders;
  readonly code: number;
  readonly ended: boolean;
}

/** Everything that comes back on a stream. */
export async function answerOf(stream: ClientHttp2Stream): Promise<Http2Answer> {
  let headers: IncomingHttpHeaders = {};
  let trailers: IncomingHttpHeaders = {};
  let body = "";
  let ended = false;
  stream.on("response", (given) => {
    headers = given;
  });
  stream.on("trailers", (given) => {
    trailers = given;
  });
  stream.on("data", (data: Buffer) => {
    body += data.toString("latin1");
  });
  stream.on("end", () => {
    ended = !stream.aborted && stream.rstCode === 0;
  });
  stream.on("error", () => undefined);
  await once(stream, "close").catch(() => undefined);
  return { status: Number(headers[":status"] ?? 0), headers, body, trailers, code: stream.rstCode ?? 0, ended };
}
