import { type LocalReply, localReplies } from "./local-reply.ts";
import type { UpstreamError } from "./pool/upstream-error.ts";
import type { TryResult } from "./upstream/upstreams.ts";

/** What a broken try means to retries and outlier detection. `complete`: the whole request was sent. */
export function tryResultOf({ code }: UpstreamError, complete: boolean): TryResult {
  switch (code) {
    case "denied":
      return { kind: "denied" };
    case "connect":
      return { kind: "connect-failure" };
    case "refused":
      return { kind: "refused-stream", unprocessed: true };
    case "stale":
      return { kind: "refused-stream" };
    case "overflow":
      return { kind: "overflow" };
    case "timeout":
      return { kind: "per-try-timeout" };
    case "reset":
    case "protocol":
      return { kind: complete ? "reset" : "reset-before-request" };
    default:
      return code satisfies never;
  }
}

/** What the caller gets when no try is left. */
export function failureReply({ code }: UpstreamError): LocalReply {
  switch (code) {
    case "denied":
      return localReplies.upstreamDenied;
    case "connect":
      return localReplies.connectFailure;
    case "overflow":
      return localReplies.overflow;
    case "protocol":
      return localReplies.protocolError;
    case "timeout":
      return localReplies.timeout;
    case "refused":
    case "stale":
    case "reset":
      return localReplies.connectionTermination;
    default:
      return code satisfies never;
  }
}
