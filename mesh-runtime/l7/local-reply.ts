import type { ResponseFlag } from "../api/telemetry.ts";
import { Fields, type ResponseToWrite, responseHeadText } from "../http1/index.ts";

/** An answer that the proxy gives by itself, with Envoy's texts and response flags. */
export interface LocalReply {
  readonly status: number;
  readonly flag: ResponseFlag;
  readonly body: string;
  /** Further fields: name, value, name, value, … (`location`, `retry-after`, `www-authenticate`, CORS). */
  readonly fields?: readonly string[];
}

const beforeHeaders = "upstream connect error or disconnect/reset before headers. reset reason:";

export const localReplies = {
  noRoute: { status: 404, flag: "NR", body: "" },
  unresolvedBackend: { status: 500, flag: "NR", body: "" },
  noHealthyUpstream: { status: 503, flag: "UH", body: "no healthy upstream" },
  upstreamDenied: { status: 503, flag: "DENY", body: `${beforeHeaders} connection failure` },
  connectFailure: { status: 503, flag: "UF", body: `${beforeHeaders} connection failure` },
  connectionTermination: { status: 503, flag: "UC", body: `${beforeHeaders} connection termination` },
  overflow: { status: 503, flag: "UF", body: `${beforeHeaders} overflow` },
  protocolError: { status: 502, flag: "UC", body: `${beforeHeaders} protocol error` },
  timeout: { status: 504, flag: "UT", body: "upstream request timeout" },
  denied: { status: 403, flag: "RBAC_ACCESS_DENIED", body: "RBAC: access denied" },
  badPath: { status: 400, flag: "DPE", body: "" },
  connectNotAllowed: { status: 405, flag: "NR", body: "" },
  draining: { status: 503, flag: "UH", body: "draining" },
} as const satisfies Record<string, LocalReply>;

/** The answer's bytes as latin1 text. */
export function localReplyText({ status, body }: LocalReply, method: string, close: boolean): string {
  const fields = new Fields(["server", "towpath", "date", new Date().toUTCString()]);
  if (body !== "") {
    fields.add("content-type", "text/plain");
  }
  const head: ResponseToWrite = {
    status,
    fields,
    framing: { kind: "length", length: body.length },
    connection: close ? "close" : undefined,
  };
  return `${responseHeadText(head)}${method === "HEAD" ? "" : body}`;
}
