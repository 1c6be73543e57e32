/**
 * The back end of the conformance cases: answers each request with what it understood, over HTTP/1.1 and WebSocket
 * (container port 3000), HTTP/2 with prior knowledge (3001), gRPC (7070) and TCP (9090).
 *
 * A request may ask for more by its query: `delay=<ms>` waits first; `responseCode=<status>&succeedAfter=<n>&uuid=<id>`
 * fails the first n requests of that id (without a code it breaks the connection), `delayRetry=<ms>` slows those down.
 * `bytes=<n>` answers with that many bytes instead, at most 1 MiB.
 * The header `x-echo-set: name=value;name=value` sets fields of the answer. `/__seen` lists the paths of all requests.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createHttp2Server, type Http2ServerRequest, type Http2ServerResponse } from "node:http2";
import { createServer as createTcpServer } from "node:net";
import process from "node:process";
import { setTimeout as delay } from "node:timers/promises";
import { Metadata, Server, ServerCredentials, type ServerDuplexStream, type ServerUnaryCall } from "@grpc/grpc-js";
import { WebSocketServer } from "ws";

const backend = process.argv[2] ?? "";
const portOf = (containerPort: number): number => Number(process.env[`PORT_${containerPort}`]);
const seen: string[] = [];
const filler = Buffer.alloc(1 << 20, 0x61);
const failures = new Map<string, number>();

/** Whether a request is one of those that shall fail; counts it. */
function failing(query: URLSearchParams): boolean {
  const id = query.get("uuid");
  if (id === null) {
    return false;
  }
  const count = failures.get(id) ?? 0;
  failures.set(id, count + 1);
  return count < Number(query.get("succeedAfter"));
}

async function answer(
  request: IncomingMessage | Http2ServerRequest,
  response: ServerResponse | Http2ServerResponse,
): Promise<void> {
  const target = request.url ?? "/";
  const query = new URL(target, "http://echo").searchParams;
  const pieces: Buffer[] = [];
  try {
    for await (const piece of request as AsyncIterable<Buffer>) {
      pieces.push(piece);
    }
  } catch {
    // The client is gone.
    return;
  }
  if (target === "/__seen") {
    response.end(JSON.stringify(seen));
    return;
  }
  seen.push(target);
  await delay(Number(query.get("delay")));
  let status = 200;
  if (failing(query)) {
    await delay(Number(query.get("delayRetry")));
    status = Number(query.get("responseCode"));
    if (status === 0) {
      request.socket.destroy();
      return;
    }
  }
  for (const field of (request.headers["x-echo-set"]?.toString() ?? "").split(";").filter(Boolean)) {
    const [name = "", value = ""] = field.split("=");
    response.setHeader(name, value);
  }
  const size = Number(query.get("bytes"));
  if (size > 0) {
    response.statusCode = status;
    response.end(filler.subarray(0, size));
    return;
  }
  response.setHeader("content-type", "application/json");
  const headers: Record<string, string> = {};
  for (let index = 0; index < request.rawHeaders.length; index += 2) {
    const name = request.rawHeaders[index]?.toLowerCase() ?? "";
    const value = request.rawHeaders[index + 1] ?? "";
    headers[name] = headers[name] === undefined ? value : `${headers[name]},${value}`;
  }
  response.statusCode = status;
  response.end(
    JSON.stringify({
      backend,
      http: request.httpVersion,
      method: request.method,
      target,
      host: headers[":authority"] ?? headers["host"],
      headers,
      body: Buffer.concat(pieces).toString(),
    }),
  );
}

const server = createServer((request, response) => void answer(request, response));
new WebSocketServer({ server }).on("connection", (socket) => {
  socket.on("message", (data, binary) => socket.send(data, { binary }));
});
server.listen(portOf(3000), "127.0.0.1");

createHttp2Server((request, response) => void answer(request, response)).listen(portOf(3001), "127.0.0.1");

createTcpServer((socket) => {
  socket.on("error", () => undefined);
  socket.once("data", (data) => socket.end(`${backend} ${data.toString()}`));
}).listen(portOf(9090), "127.0.0.1");

const text = {
  requestSerialize: (value: string) => Buffer.from(value),
  requestDeserialize: (bytes: Buffer) => bytes.toString(),
  responseSerialize: (value: string) => Buffer.from(value),
  responseDeserialize: (bytes: Buffer) => bytes.toString(),
};
const facts = (call: ServerUnaryCall<string, string> | ServerDuplexStream<string, string>, body: string): string =>
  JSON.stringify({ backend, target: call.getPath(), host: call.getHost(), headers: call.metadata.getMap(), body });
const unary = (
  call: ServerUnaryCall<string, string>,
  done: (error: null, value: string, trailer: Metadata) => void,
) => {
  const trailer = new Metadata();
  trailer.set("x-trailer", backend);
  const set = call.metadata.get("x-echo-set")[0];
  if (set !== undefined) {
    const head = new Metadata();
    for (const field of set.toString().split(";")) {
      const [name = "", value = ""] = field.split("=");
      head.set(name, value);
    }
    call.sendMetadata(head);
  }
  done(null, facts(call, call.request), trailer);
};
const grpc = new Server();
for (const service of ["towpath.test.Echo", "towpath.test.Other"]) {
  const method = (name: string, stream = false) => ({
    ...text,
    path: `/${service}/${name}`,
    requestStream: stream,
    responseStream: stream,
  });
  grpc.addService(
    { One: method("One"), Two: method("Two"), Three: method("Three"), Chat: method("Chat", true) },
    {
      One: unary,
      Two: unary,
      Three: unary,
      Chat: (call: ServerDuplexStream<string, string>) => {
        call.on("data", (message: string) => call.write(facts(call, message)));
        call.on("end", () => call.end());
      },
    },
  );
}
grpc.bindAsync(`127.0.0.1:${portOf(7070)}`, ServerCredentials.createInsecure(), (error) => {
  if (error !== null) {
    throw error;
  }
});
