import type { ResponseFlag } from "../api/telemetry.ts";
import { Fields } from "../http1/index.ts";
import { grpcMessage, grpcStatusOf } from "./grpc.ts";

/** An answer that the proxy gives by itself, with Envoy's texts and response flags. */
export interface LocalReply {
  readonly status: number;
  readonly flag: ResponseFlag;
  readonly body: string;
  /** Further fields: name, value, name, value, … (`location`, `retry-after`, `www-authenticate`, CORS). */
  readonly fields?: readonly string[];
  /** For gRPC callers, where it does not follow from the status. */
  readonly grpcStatus?: number;
}

const beforeHeaders = "upstream connect error or disconnect/reset before headers. reset reason:";

export const localReplies = {
  noRoute: { status: 404, flag: "NR", body: "" },
  unresolvedBackend: { status: 500, flag: "NR", body: "" },
  noHealthyUpstream: { status: 503, flag: "UH", body: "no healthy upstream" },
  upstreamDenied: { status: 503, flag: "DENY", body: `${beforeHeaders} connection failure` },
  connectFailure: { status: 503, flag: "UF", body: `${beforeHeaders} connection failure` },
  connectionTermination: { status: 503, flag: "UC", body: `${beforeHeaders} connection termination` },
  overflow: { status: 503, flag: "UO", body: `${beforeHeaders} overflow` },
  protocolError: { status: 502, flag: "UPE", body: `${beforeHeaders} protocol error` },
  timeout: { status: 504, flag: "UT", body: "upstream request timeout" },
  deadline: { status: 504, flag: "UT", body: "upstream request timeout", grpcStatus: 4 },
  idle: { status: 504, flag: "SI", body: "stream timeout" },
  denied: { status: 403, flag: "RBAC_ACCESS_DENIED", body: "RBAC: access denied" },
  badPath: { status: 400, flag: "DPE", body: "" },
  badRequest: { status: 400, flag: "DPE", body: "" },
  connectNotAllowed: { status: 405, flag: "NR", body: "" },
  draining: { status: 503, flag: "UH", body: "draining" },
  /** A defect of ours: nothing is sent on. */
  internal: { status: 500, flag: "NR", body: "" },
} as const satisfies Record<string, LocalReply>;

/** A local reply as it is written, but for framing. */
export interface WrittenReply {
  readonly status: number;
  readonly fields: Fields;
  /** Empty for HEAD, gRPC and where there is none. */
  readonly body: Buffer;
  /** Of the body that GET would get. */
  readonly length: number;
}

const noBytes = Buffer.alloc(0);

/** Writes a reply: a gRPC caller gets status 200 and a gRPC status in the head (trailers only), as Envoy does. */
export function writtenReply(reply: LocalReply, method: string, grpc: boolean): WrittenReply {
  const given = reply.fields ?? [];
  const fields = new Fields(["server", "towpath", "date", dateText()]);
  for (let index = 0; index < given.length; index += 2) {
    fields.add(given[index] ?? "", given[index + 1] ?? "");
  }
  if (grpc) {
    fields.set("content-type", "application/grpc");
    if (!fields.has("grpc-status")) {
      fields.add("grpc-status", String(reply.grpcStatus ?? grpcStatusOf(reply.status)));
    }
    if (reply.body !== "" && !fields.has("grpc-message")) {
      fields.add("grpc-message", grpcMessage(reply.body));
    }
    return { status: 200, fields, body: noBytes, length: 0 };
  }
  const body = Buffer.from(reply.body, "utf8");
  if (body.length > 0 && !fields.has("content-type")) {
    fields.add("content-type", "text/plain");
  }
  return { status: reply.status, fields, body: method === "HEAD" ? noBytes : body, length: body.length };
}

let dateSecond = 0;
let date = "";

/** The present second as HTTP writes it. */
function dateText(): string {
  const second = Math.floor(Date.now() / 1_000);
  if (second !== dateSecond) {
    dateSecond = second;
    date = new Date(second * 1_000).toUTCString();
  }
  return date;
}

/** The gRPC status that a gRPC caller gets. */
export function replyGrpcStatus({ fields, grpcStatus, status }: LocalReply): number {
  const index = fields?.indexOf("grpc-status") ?? -1;
  const given = index === -1 ? undefined : fields?.[index + 1];
  return given !== undefined && /^\d{1,3}$/.test(given) ? Number(given) : (grpcStatus ?? grpcStatusOf(status));
}
