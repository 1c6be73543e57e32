/** What istiod's webhook says of faults in a VirtualService. */
import { admitDuration } from "./admit-durations.ts";
import { statusProblem } from "./admit-http-actions.ts";
import { grpcStatuses } from "./grpc-statuses.ts";
import type { HttpFaultInjection, Percent } from "./http-fault.ts";
import type { Report } from "./report.ts";

export function admitFault(fault: HttpFaultInjection | undefined, report: Report): void {
  if (fault === undefined) {
    return;
  }
  const { abort, delay } = fault;
  if (abort === undefined && delay === undefined) {
    report.refuseListed("HTTP fault injection must have an abort and/or a delay");
  }
  if (abort !== undefined) {
    admitAbort(abort, report);
  }
  if (delay !== undefined) {
    report.refuse(percentageProblem(delay.percentage));
    admitDuration(delay.fixedDelay, report);
    admitDuration(delay.exponentialDelay, report);
    if (delay.exponentialDelay !== undefined) {
      report.refuseListed("exponentialDelay not supported yet");
    }
  }
}

/** Istio loses the warning of an abort without an error, and so does this. */
function admitAbort(abort: NonNullable<HttpFaultInjection["abort"]>, report: Report): void {
  report.refuse(percentageProblem(abort.percentage));
  if (abort.grpcStatus !== undefined && !grpcStatuses.includes(abort.grpcStatus)) {
    report.refuse(
      `gRPC status ${JSON.stringify(abort.grpcStatus)} is not supported. See https://github.com/grpc/grpc/blob/master/doc/statuscodes.md for a list of supported codes, for example 'NOT_FOUND'`,
    );
  } else if (abort.http2Error !== undefined) {
    report.refuse("HTTP/2 abort fault injection not supported yet");
  } else if (abort.httpStatus !== undefined) {
    report.refuse(statusProblem(abort.httpStatus));
  }
}

function percentageProblem(percentage: Percent | undefined): string | undefined {
  const value = percentage?.value ?? 0;
  return value < 0 || value > 100 || (value > 0 && value < 0.0001)
    ? `percentage ${value} is neither 0.0, nor in range [0.0001, 100.0]`
    : undefined;
}
