/** Requests of the conformance cases, sent by whoever runs this: a pod through its front, or the test from outside. */
import { request as httpRequest, type IncomingMessage, type RequestOptions } from "node:http";
import { connect as connectHttp2 } from "node:http2";
import { connect as connectTcp, type Socket } from "node:net";
import process from "node:process";
import { connect as connectTls, type TLSSocket } from "node:tls";
import { Client, credentials, Metadata } from "@grpc/grpc-js";
import { WebSocket } from "ws";

export interface Ask {
  /** `host:port` in the mesh; with `at`, only the default of `host`. */
  readonly to: string;
  /** Address and port to connect to, past the pod's front. */
  readonly at?: string;
  /** Address of this machine to connect from, with `at`. */
  readonly from?: string;
  /** Default `http`. gRPC calls `path` (`/service/method`); `chat` is its stream of three messages. */
  readonly protocol?: "http" | "http2" | "grpc" | "chat" | "websocket" | "tcp";
  readonly method?: string;
  /** Sent as it is, dots and escapes included. Default `/`. */
  readonly path?: string;
  /** Host field; differing from `to` it goes through a tunnel (CONNECT). */
  readonly host?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** TLS with this server name; the certificate is not verified, it is told. */
  readonly serverName?: string;
}

export interface Told {
  /** HTTP status; with gRPC its code; 0 when no answer came. */
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** JSON when it was. */
  readonly body: unknown;
  readonly ms: number;
  /** Names in the server's certificate: `DNS:a.example, DNS:b.example`. */
  readonly certificate?: string;
}

export const askTimeoutMs = 10_000;

/** Sends all, `atOnce` at a time, and answers in their order. Never rejects: what went wrong is the body of status 0. */
export async function askAll(asks: readonly Ask[], atOnce = 4): Promise<Told[]> {
  const told: Told[] = [];
  let next = 0;
  await Promise.all(
    Array.from({ length: Math.min(atOnce, asks.length) }, async () => {
      while (next < asks.length) {
        const index = next;
        next += 1;
        told[index] = await askOne(asks[index] as Ask);
      }
    }),
  );
  return told;
}

async function askOne(ask: Ask): Promise<Told> {
  const startedMs = performance.now();
  const part: Omit<Told, "ms"> = await senders[ask.protocol ?? "http"](ask).catch((error: unknown) => ({
    status: 0,
    headers: {},
    body: String(error),
  }));
  return { ...part, ms: Math.round(performance.now() - startedMs) };
}

type Sender = (ask: Ask) => Promise<Omit<Told, "ms">>;

const front = process.env["HTTP_PROXY"] === undefined ? undefined : new URL(process.env["HTTP_PROXY"]);

function place(address: string, defaultPort = 80): { readonly host: string; readonly port: number } {
  const [host = "", port] = address.split(":");
  return { host, port: Number(port ?? defaultPort) };
}

/** A connection on which the server of the request listens, as far as the client can tell. */
async function connection(ask: Ask): Promise<Socket> {
  if (ask.at !== undefined) {
    const to = { ...place(ask.at), ...(ask.from !== undefined && { localAddress: ask.from }) };
    const socket =
      ask.serverName === undefined
        ? connectTcp(to)
        : connectTls({
            ...to,
            ...(ask.serverName !== "" && { servername: ask.serverName }),
            rejectUnauthorized: false,
            ALPNProtocols: [ask.protocol === "http2" ? "h2" : "http/1.1"],
          });
    await once(socket, ask.serverName === undefined ? "connect" : "secureConnect");
    return socket;
  }
  const { host, port } = place(ask.to);
  return await new Promise((resolve, reject) => {
    const tunnel = httpRequest({
      host: front?.hostname,
      port: front?.port,
      method: "CONNECT",
      path: `${host}:${port}`,
      agent: false,
    });
    tunnel.once("error", reject);
    tunnel.once("connect", (response: IncomingMessage, socket: Socket) =>
      response.statusCode === 200 ? resolve(socket) : reject(new Error(`CONNECT was answered ${response.statusCode}`)),
    );
    tunnel.end();
  });
}

const once = (socket: Socket, event: string): Promise<void> =>
  new Promise((resolve, reject) => {
    socket.once("error", reject);
    socket.once(event, () => resolve());
  });

const http: Sender = async (ask) => {
  const { path = "/", method = "GET", host = ask.to, headers = {}, body } = ask;
  const throughFront = ask.at === undefined && host === ask.to;
  const socket = throughFront ? undefined : await connection(ask);
  const length = body === undefined ? {} : { "content-length": Buffer.byteLength(body) };
  const options: RequestOptions = {
    method,
    path: throughFront ? `http://${ask.to}${path}` : path,
    headers: { host, ...length, ...headers },
    timeout: askTimeoutMs,
    ...(socket === undefined
      ? { host: front?.hostname, port: front?.port, agent: false }
      : { createConnection: () => socket }),
  };
  const certificate =
    ask.serverName === undefined
      ? {}
      : { certificate: (socket as TLSSocket).getPeerCertificate().subjectaltname ?? "" };
  try {
    const [response, text] = await new Promise<[IncomingMessage, string]>((resolve, reject) => {
      const request = httpRequest(options, (response) => {
        const pieces: Buffer[] = [];
        response.on("data", (data: Buffer) => pieces.push(data));
        response.on("error", reject);
        response.on("end", () => resolve([response, Buffer.concat(pieces).toString()]));
      });
      request.on("timeout", () => request.destroy(new Error("timeout")));
      request.on("error", reject);
      request.end(body);
    });
    return { status: response.statusCode ?? 0, headers: joined(response), body: parsed(text), ...certificate };
  } finally {
    socket?.destroy();
  }
};

const joined = ({ headersDistinct }: IncomingMessage): Record<string, string> =>
  Object.fromEntries(Object.entries(headersDistinct).map(([name, values = []]) => [name, values.join(",")]));

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

const http2: Sender = async (ask) => {
  const { path = "/", method = "GET", host = ask.to, headers = {}, body } = ask;
  const socket = await connection(ask);
  const session = connectHttp2(`${ask.serverName === undefined ? "http" : "https"}://${host}`, {
    createConnection: () => socket,
  });
  try {
    return await new Promise((resolve, reject) => {
      session.on("error", reject);
      const stream = session.request({ ":method": method, ":path": path, ":authority": host, ...headers });
      stream.setTimeout(askTimeoutMs, () => reject(new Error("timeout")));
      let status = 0;
      let head: Record<string, string> = {};
      const pieces: Buffer[] = [];
      stream.on("response", (given) => {
        status = Number(given[":status"]);
        head = Object.fromEntries(Object.entries(given).map(([name, value]) => [name, String(value)]));
      });
      stream.on("data", (data: Buffer) => pieces.push(data));
      stream.on("error", reject);
      stream.on("end", () => resolve({ status, headers: head, body: parsed(Buffer.concat(pieces).toString()) }));
      stream.end(body);
    });
  } finally {
    session.destroy();
  }
};

/** A message is text. From a pod, grpc-js finds the front by `http_proxy` and asks it for a tunnel. */
function grpcClient(ask: Ask): { readonly client: Client; readonly metadata: Metadata } {
  const client = new Client(ask.at ?? ask.to, credentials.createInsecure(), {
    ...(ask.at !== undefined && { "grpc.default_authority": ask.host ?? ask.to, "grpc.enable_http_proxy": 0 }),
  });
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(ask.headers ?? {})) {
    metadata.set(name, value);
  }
  return { client, metadata };
}
const toBytes = (text: string): Buffer => Buffer.from(text);
const toText = (bytes: Buffer): string => bytes.toString();
const flat = (metadata: Metadata): Record<string, string> =>
  Object.fromEntries(Object.keys(metadata.getMap()).map((name) => [name, metadata.get(name).join(",")]));

const grpc: Sender = (ask) =>
  new Promise((resolve) => {
    const { client, metadata } = grpcClient(ask);
    let headers: Record<string, string> = {};
    let body: unknown;
    const deadline = Date.now() + askTimeoutMs;
    // An empty message is none to grpc-js's server.
    const message = ask.body ?? "ask";
    const call = client.makeUnaryRequest(
      ask.path ?? "",
      toBytes,
      toText,
      message,
      metadata,
      { deadline },
      (error, value) => {
        body = error === null ? parsed(value ?? "") : error.details;
      },
    );
    call.on("metadata", (given: Metadata) => {
      headers = { ...headers, ...flat(given) };
    });
    call.on("status", ({ code, metadata: trailers }: { code: number; metadata: Metadata }) => {
      client.close();
      // The value arrives after the status.
      setImmediate(() => resolve({ status: code, headers: { ...headers, ...flat(trailers) }, body }));
    });
  });

const chat: Sender = (ask) =>
  new Promise((resolve, reject) => {
    const { client, metadata } = grpcClient(ask);
    const got: unknown[] = [];
    const words = ["a", "b", "c"];
    const call = client.makeBidiStreamRequest(ask.path ?? "", toBytes, toText, metadata, {
      deadline: Date.now() + askTimeoutMs,
    });
    const say = (): void => {
      const word = words.shift();
      if (word === undefined) {
        call.end();
      } else {
        call.write(word);
      }
    };
    // Each word is said when the one before has come back: nothing on the way may wait for the end of the stream.
    call.on("data", (message: string) => {
      got.push((parsed(message) as { body?: string }).body);
      say();
    });
    call.on("error", reject);
    call.on("status", ({ code }: { code: number }) => {
      client.close();
      resolve({ status: code, headers: {}, body: got });
    });
    say();
  });

const websocket: Sender = async (ask) => {
  const socket = await connection(ask);
  const client = new WebSocket(`ws://${ask.host ?? ask.to}${ask.path ?? "/"}`, {
    createConnection: () => socket,
    headers: { ...ask.headers },
  });
  return await new Promise((resolve, reject) => {
    const got: unknown[] = [];
    client.on("open", () => {
      client.send("hello");
      client.send(Buffer.from([1, 2, 3]));
    });
    client.on("message", (data: Buffer, binary) => {
      got.push(binary ? [...data] : data.toString());
      if (got.length === 2) {
        client.close(1000);
      }
    });
    client.on("unexpected-response", (_request, response) => {
      resolve({ status: response.statusCode ?? 0, headers: joined(response), body: "" });
      client.terminate();
    });
    client.on("error", reject);
    client.on("close", (code) => resolve({ status: code === 1000 ? 101 : 0, headers: {}, body: got }));
  });
};

const tcp: Sender = async (ask) => {
  const socket = await connection(ask);
  socket.write(ask.body ?? "");
  return await new Promise((resolve, reject) => {
    let body = "";
    socket.on("data", (data: Buffer) => {
      body += data.toString();
    });
    socket.on("error", reject);
    socket.on("close", () => resolve({ status: body === "" ? 0 : 200, headers: {}, body }));
  });
};

const senders: Readonly<Record<NonNullable<Ask["protocol"]>, Sender>> = { http, http2, grpc, chat, websocket, tcp };
