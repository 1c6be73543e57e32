import type { L7RetryPolicy } from "../../../xds/proxy-config.ts";

/** Without any route, what did not reach the service is tried again elsewhere, twice (Istio's default at waypoints). */
export const defaultRetry: L7RetryPolicy = {
  attempts: 2,
  on: ["connect-failure", "refused-stream", "reset-before-request"],
  statusCodes: [],
  backoffBaseMs: 25,
  unsafeMethods: false,
};
