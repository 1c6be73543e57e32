import type { L7Fault } from "../../../xds/proxy-config.ts";
import type { LocalReply } from "../../local-reply.ts";

export interface InjectedFault {
  readonly delayMs: number;
  /** Absent: the request goes on after the delay. */
  readonly abort: LocalReply | undefined;
}

const abortText = "fault filter abort";

/** Rolls the dice of a fault; `undefined` when nothing is injected. Delay and abort are independent (Envoy, fault filter). */
export function injectFault(fault: L7Fault, random: () => number): InjectedFault | undefined {
  const delayMs = fault.delay !== undefined && random() < fault.delay.fraction ? fault.delay.ms : 0;
  const abort = fault.abort !== undefined && random() < fault.abort.fraction ? abortReply(fault.abort) : undefined;
  return delayMs === 0 && abort === undefined ? undefined : { delayMs, abort };
}

/** What is injected; for gRPC callers with a status of its own where one is asked for. */
const abortReply = ({ httpStatus, grpcStatus }: NonNullable<L7Fault["abort"]>): LocalReply =>
  httpStatus > 0
    ? { status: httpStatus, flag: "FI", body: abortText }
    : { status: 503, flag: "FI", body: abortText, grpcStatus };
