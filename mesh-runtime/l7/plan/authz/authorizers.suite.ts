/** Real authorizers for tests, and calls to them over real connections. */
import { once } from "node:events";
import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from "node:http";
import { connect } from "node:http2";
import type { AddressInfo } from "node:net";
import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { Server, ServerCredentials, type ServerUnaryCall, type sendUnaryData } from "@grpc/grpc-js";
import { onTestFinished } from "vitest";
import { Fields } from "../../../http1/index.ts";
import type { L7Authorizer } from "../../../xds/proxy-config.ts";
import type { ClusterCall, ClusterRequest, ClusterResponse } from "../cluster-call.ts";
import {
  type CheckRequest,
  CheckRequestSchema,
  type CheckResponse,
  CheckResponseSchema,
} from "./gen/external-auth_pb.js";

/** Ends with the test. */
export interface RunningAuthorizer {
  readonly port: number;
}

export async function httpAuthorizer(
  answer: (request: IncomingMessage, response: ServerResponse, body: string) => void,
): Promise<RunningAuthorizer> {
  const server = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on("data", (data: Buffer) => pieces.push(data));
    request.on("end", () => answer(request, response, Buffer.concat(pieces).toString()));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(async () => {
    server.close();
    server.closeAllConnections();
    await once(server, "close");
  });
  return { port: (server.address() as AddressInfo).port };
}

/** `envoy.service.auth.v3.Authorization`, as OPA's plugin serves it. */
export async function grpcAuthorizer(
  answer: (request: CheckRequest, done: sendUnaryData<CheckResponse>) => void,
): Promise<RunningAuthorizer> {
  const server = new Server();
  const method = {
    path: "/envoy.service.auth.v3.Authorization/Check",
    requestStream: false,
    responseStream: false,
    requestSerialize: (message: CheckRequest) => Buffer.from(toBinary(CheckRequestSchema, message)),
    requestDeserialize: (bytes: Buffer) => fromBinary(CheckRequestSchema, bytes),
    responseSerialize: (message: CheckResponse) => Buffer.from(toBinary(CheckResponseSchema, message)),
    responseDeserialize: (bytes: Buffer) => fromBinary(CheckResponseSchema, bytes),
  };
  server.addService(
    { Check: method },
    {
      Check: (call: ServerUnaryCall<CheckRequest, CheckResponse>, done: sendUnaryData<CheckResponse>) =>
        answer(call.request, done),
    },
  );
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  onTestFinished(() => server.forceShutdown());
  return { port };
}

/** Calls the server on `port`, whatever the cluster. */
export const callTo =
  (port: number): ClusterCall =>
  (request) =>
    request.protocol === "HTTP/2" ? callHttp2(port, request) : callHttp1(port, request);

function callHttp1(port: number, { method, authority, target, fields, body, timeoutMs }: ClusterRequest) {
  return new Promise<ClusterResponse>((resolve, reject) => {
    const headers = [...fields.list, "host", authority, "content-length", String(body.length)];
    const sent = httpRequest(
      { host: "127.0.0.1", port, method, path: target, headers, signal: AbortSignal.timeout(timeoutMs) },
      (response) => {
        const pieces: Buffer[] = [];
        response.on("data", (data: Buffer) => pieces.push(data));
        response.on("error", reject);
        response.on("end", () =>
          resolve({
            status: response.statusCode ?? 0,
            fields: new Fields(response.rawHeaders),
            body: Buffer.concat(pieces),
            trailers: new Fields(),
          }),
        );
      },
    );
    sent.on("error", reject);
    sent.end(body);
  });
}

async function callHttp2(port: number, { method, authority, target, fields, body, timeoutMs }: ClusterRequest) {
  const session = connect(`http://127.0.0.1:${port}`);
  try {
    return await new Promise<ClusterResponse>((resolve, reject) => {
      session.on("error", reject);
      const headers: Record<string, string> = { ":method": method, ":path": target, ":authority": authority };
      for (let index = 0; index < fields.list.length; index += 2) {
        headers[fields.list[index] ?? ""] = fields.list[index + 1] ?? "";
      }
      const stream = session.request(headers, { signal: AbortSignal.timeout(timeoutMs) });
      const pieces: Buffer[] = [];
      let status = 0;
      let head = new Fields();
      let trailers = new Fields();
      stream.on("response", (given) => {
        status = Number(given[":status"]);
        head = fieldsOf(given);
      });
      stream.on("trailers", (given) => {
        trailers = fieldsOf(given);
      });
      stream.on("data", (data: Buffer) => pieces.push(data));
      stream.on("error", reject);
      stream.on("close", () => resolve({ status, fields: head, body: Buffer.concat(pieces), trailers }));
      stream.end(body);
    });
  } finally {
    session.destroy();
  }
}

const fieldsOf = (headers: object): Fields =>
  new Fields(Object.entries(headers).flatMap(([name, value]) => (name.startsWith(":") ? [] : [name, String(value)])));

export const authorizer = (more: Partial<L7Authorizer> = {}): L7Authorizer => ({
  name: "my-authz",
  kind: "http",
  cluster: "v1",
  authority: "ext-authz.default.svc.cluster.local",
  timeoutMs: 5_000,
  failOpen: false,
  statusOnError: 0,
  pathPrefix: "",
  includeRequestHeaders: [],
  includeAdditionalHeaders: [],
  headersToUpstreamOnAllow: [],
  headersToDownstreamOnAllow: [],
  headersToDownstreamOnDeny: [],
  maxRequestBytes: 0,
  allowPartialMessage: false,
  ...more,
});
