/** Faults that a VirtualService injects, for tests. */
import type * as z from "zod";
import { double, int32, str, struct } from "../schema/builders.ts";
import { duration } from "./duration.ts";

/** A share of requests, 0 to 100. */
export const percent = struct("v1alpha3.Percent", {}, { value: double().describe("0 to 100.") });

export const httpFault = struct(
  "v1alpha3.HTTPFaultInjection",
  {},
  {
    delay: struct(
      "v1alpha3.HTTPFaultInjection_Delay",
      {},
      {
        percent: int32().describe("Deprecated: use percentage."),
        fixedDelay: duration().describe("Time to wait before the request goes on."),
        exponentialDelay: duration().describe("Not implemented by Istio."),
        percentage: percent.describe("Share of requests; all by default."),
      },
      { exclusive: [["fixedDelay", "exponentialDelay"]] },
    ).describe("Requests are held back."),
    abort: struct(
      "v1alpha3.HTTPFaultInjection_Abort",
      {},
      {
        httpStatus: int32().describe("Status to answer with."),
        grpcStatus: str().describe("gRPC status to answer with, by name."),
        http2Error: str().describe("Not implemented by Istio."),
        percentage: percent.describe("Share of requests; all by default."),
      },
      { exclusive: [["httpStatus", "grpcStatus", "http2Error"]] },
    ).describe("Requests are answered without going on."),
  },
);

export type HttpFaultInjection = z.infer<typeof httpFault>;
export type Percent = z.infer<typeof percent>;
