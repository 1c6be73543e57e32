import { Fields } from "../../../http1/index.ts";
import type { L7Authorizer, L7Cluster } from "../../../xds/proxy-config.ts";
import type { ClusterCall, ClusterResponse } from "../cluster-call.ts";
import type { Check } from "./authorizer-answer.ts";
import { encodeCheckRequest } from "./check-request.ts";
import { decodeCheckResponse } from "./check-response.ts";

const answerBytesMax = 256 * 1024;
const frameHead = 5;

/** Asks over gRPC: `envoy.service.auth.v3.Authorization/Check`, one message each way. */
export function grpcCheck(authorizer: L7Authorizer, cluster: L7Cluster, call: ClusterCall, now: () => number): Check {
  return async (draft, body) => {
    try {
      const response = await call({
        cluster,
        protocol: "HTTP/2",
        method: "POST",
        authority: authorizer.authority,
        target: "/envoy.service.auth.v3.Authorization/Check",
        fields: new Fields([
          "content-type",
          "application/grpc",
          "grpc-timeout",
          `${Math.min(99_999_999, Math.ceil(authorizer.timeoutMs))}m`,
        ]),
        body: framed(encodeCheckRequest(draft, body, now())),
        timeoutMs: authorizer.timeoutMs,
        responseBytesMax: answerBytesMax,
      });
      return decodeCheckResponse(messageOf(response));
    } catch {
      return { kind: "error" };
    }
  };
}

/** A length-prefixed message, not compressed (gRPC over HTTP/2, "Length-Prefixed-Message"). */
function framed(message: Uint8Array): Buffer {
  const frame = Buffer.alloc(frameHead + message.length);
  frame.writeUInt32BE(message.length, 1);
  frame.set(message, frameHead);
  return frame;
}

/** The one message of a call that ended well. */
function messageOf({ status, fields, trailers, body }: ClusterResponse): Uint8Array {
  const grpcStatus = trailers.get("grpc-status") ?? fields.get("grpc-status");
  if (status !== 200 || grpcStatus !== "0") {
    throw new Error(`the authorizer answered with status ${status}, gRPC status ${grpcStatus}`);
  }
  if (body.length < frameHead || body[0] !== 0 || body.readUInt32BE(1) !== body.length - frameHead) {
    throw new Error("the authorizer's answer is not one message");
  }
  return body.subarray(frameHead);
}
