import { grpcStatuses } from "../../../api/istio/grpc-statuses.ts";
import type { L7Fault } from "../../../xds/proxy-config.ts";
import type { FieldReader } from "./unsupported.ts";

/** Reads Istio's `Percent` as a share from 0 to 1; `undefined` when it is not there. */
export function percentage(reader: FieldReader | undefined): number | undefined {
  if (reader === undefined) {
    return undefined;
  }
  const value = reader.raw("value") ?? 0;
  const usable = typeof value === "number" && value >= 0 && value <= 100;
  if (!usable) {
    reader.report("value");
  }
  reader.rest();
  return usable ? value / 100 : 0;
}

/** Reads `fault` of a VirtualService. Without a percentage nothing is touched (istio/istio `TranslateFault`). */
export function readFault(reader: FieldReader | undefined): L7Fault | undefined {
  if (reader === undefined) {
    return undefined;
  }
  const delay = reader.object("delay");
  const abort = reader.object("abort");
  const fault: L7Fault = {
    delay: delay === undefined ? undefined : readDelay(delay),
    abort: abort === undefined ? undefined : readAbort(abort),
  };
  reader.rest();
  return fault.delay === undefined && fault.abort === undefined ? undefined : fault;
}

function readDelay(reader: FieldReader): L7Fault["delay"] {
  const older = reader.raw("percent");
  const byInteger = typeof older === "number" && older >= 0 && older <= 100 ? older / 100 : 0;
  const fraction = percentage(reader.object("percentage")) ?? byInteger;
  const ms = reader.duration("fixedDelay");
  if (ms === undefined) {
    reader.report("fixedDelay", "is the only delay that is known");
  }
  reader.rest();
  return ms === undefined || fraction === 0 ? undefined : { fraction, ms };
}

function readAbort(reader: FieldReader): L7Fault["abort"] {
  const fraction = percentage(reader.object("percentage")) ?? 0;
  const httpStatus = reader.count("httpStatus") ?? 0;
  const name = reader.text("grpcStatus");
  const grpcStatus = name === "" ? 0 : grpcStatuses.indexOf(name.toUpperCase());
  const usable = name === "" ? httpStatus >= 200 && httpStatus <= 599 : grpcStatus >= 0;
  if (!usable) {
    reader.report(name === "" ? "httpStatus" : "grpcStatus", name === "" ? String(httpStatus) : name);
  }
  reader.rest();
  return usable && fraction > 0 ? { fraction, httpStatus, grpcStatus } : undefined;
}
