import { type LocalReply, localReplies } from "./local-reply.ts";
import type { ForwardPlan } from "./request-plan.ts";

/**
 * How long an answer may still take, and what is said when it does not come. Time counts once the request is complete,
 * as in Envoy; a caller's deadline counts from its beginning. 0 ms: for ever.
 */
export function responseDeadline(
  { timeouts, deadlineMs }: ForwardPlan,
  requestEnded: boolean,
  record: { readonly elapsedMs: number },
): { readonly ms: number; readonly reply: LocalReply } {
  const requestMs = requestEnded ? timeouts.requestMs : 0;
  if (deadlineMs <= 0) {
    return { ms: requestMs, reply: localReplies.timeout };
  }
  const leftMs = Math.max(1, deadlineMs - record.elapsedMs);
  return requestMs === 0 || leftMs <= requestMs
    ? { ms: leftMs, reply: localReplies.deadline }
    : { ms: requestMs, reply: localReplies.timeout };
}
