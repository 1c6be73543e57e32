/**
 * An external authorizer in the manner of Istio's sample: it allows what carries `x-ext-authz: allow`, asked over HTTP
 * (container port 8000) or gRPC (9000). `PUT /keys` gives it a key set, which `GET /keys` serves to whoever checks tokens.
 */
import { createServer } from "node:http";
import process from "node:process";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { Server, ServerCredentials, type ServerUnaryCall, type sendUnaryData } from "@grpc/grpc-js";
import {
  type CheckRequest,
  CheckRequestSchema,
  type CheckResponse,
  CheckResponseSchema,
} from "../../mesh-runtime/l7/plan/authz/gen/external-auth_pb.js";

const refusal = "denied by ext_authz for not found header `x-ext-authz: allow` in the request";
let keys = "{}";

createServer((request, response) => {
  const pieces: Buffer[] = [];
  request.on("data", (data: Buffer) => pieces.push(data));
  request.on("end", () => {
    if (request.url === "/keys") {
      keys = request.method === "PUT" ? Buffer.concat(pieces).toString() : keys;
      response.setHeader("content-type", "application/json").end(keys);
      return;
    }
    const allowed = request.headers["x-ext-authz"] === "allow";
    response.setHeader("x-ext-authz-check-result", allowed ? "allowed" : "denied");
    response.setHeader("x-ext-authz-received", `${request.method} ${request.headers.host}${request.url}`);
    response.setHeader("x-secret", "of the authorizer");
    response.writeHead(allowed ? 200 : 403).end(allowed ? "" : refusal);
  });
}).listen(Number(process.env["PORT_8000"]), "127.0.0.1");

const header = (key: string, value: string) => ({ header: { key, value } });
const grpc = new Server();
grpc.addService(
  {
    Check: {
      path: "/envoy.service.auth.v3.Authorization/Check",
      requestStream: false,
      responseStream: false,
      requestSerialize: (message: CheckRequest) => Buffer.from(toBinary(CheckRequestSchema, message)),
      requestDeserialize: (bytes: Buffer) => fromBinary(CheckRequestSchema, bytes),
      responseSerialize: (message: CheckResponse) => Buffer.from(toBinary(CheckResponseSchema, message)),
      responseDeserialize: (bytes: Buffer) => fromBinary(CheckResponseSchema, bytes),
    },
  },
  {
    Check: (call: ServerUnaryCall<CheckRequest, CheckResponse>, done: sendUnaryData<CheckResponse>) => {
      const { source, request } = call.request.attributes ?? {};
      const allowed = request?.http?.headers["x-ext-authz"] === "allow";
      const result = header("x-ext-authz-check-result", allowed ? "allowed" : "denied");
      const principal = header("x-ext-authz-source", source?.principal ?? "");
      done(
        null,
        create(
          CheckResponseSchema,
          allowed
            ? { status: { code: 0 }, httpResponse: { case: "okResponse", value: { headers: [result, principal] } } }
            : {
                status: { code: 7 },
                httpResponse: {
                  case: "deniedResponse",
                  value: { status: { code: 403 }, body: refusal, headers: [result] },
                },
              },
        ),
      );
    },
  },
);
grpc.bindAsync(`127.0.0.1:${Number(process.env["PORT_9000"])}`, ServerCredentials.createInsecure(), (error) => {
  if (error !== null) {
    throw error;
  }
});
