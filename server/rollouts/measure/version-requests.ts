/** Which records of the proxies are about one version of a service. Pure. */
import type { ServiceRef } from "@/server/contracts/names.ts";
import { hostOf, versionServiceName } from "@/server/golden-paths/service-routes/service-host.ts";
import type { CopyOutcomeIdentity, RequestIdentity } from "@/server/telemetry/records.ts";
import { isRefusal } from "@/server/traffic/graph/edge-totals.ts";

/** Who counts the calls of a service: its waypoint, which shares them out, or the callers' proxies where there is none. */
export type Counter = "waypoint" | "source";

/**
 * Requests that were sent to the service and got to the version. One counter alone is taken: what other proxies report
 * of the same requests would count them twice. What a policy or a
 * limit refused, what a caller gave up and what a fault answered is no doing of the version.
 */
export const isAbout = (
  { labels, responseFlags }: RequestIdentity,
  service: ServiceRef,
  version: string,
  counter: Counter,
): boolean =>
  labels.reporter === counter &&
  labels.destination_version === version &&
  labels.destination_service_name === service.name &&
  labels.destination_service_namespace === service.namespace &&
  responseFlags !== "DC" &&
  responseFlags !== "FI" &&
  !isRefusal(responseFlags);

/**
 * Copies of calls of the service that the version answered or failed to. What a policy or a limit refused, and an answer
 * that still came when nobody listened any longer, is no doing of the version.
 */
export const isCopyFor = (
  { of, to, responseFlags }: CopyOutcomeIdentity,
  service: ServiceRef,
  version: string,
): boolean =>
  isHost(of, service) &&
  isHost(to, { namespace: service.namespace, name: versionServiceName(service, version) }) &&
  responseFlags !== "DC" &&
  responseFlags !== "UO" &&
  !isRefusal(responseFlags);

const isHost = (host: CopyOutcomeIdentity["of"], service: ServiceRef): boolean =>
  host.serviceNamespace === service.namespace && host.service === hostOf(service);

/** gRPC's statuses that say the server failed: UNKNOWN, DEADLINE_EXCEEDED, UNIMPLEMENTED, INTERNAL, UNAVAILABLE, DATA_LOSS. */
const serverFailed: ReadonlySet<number> = new Set([2, 4, 12, 13, 14, 15]);

/** 5xx, no answer, or what gRPC says within an answer of 200. */
export const isError = ({
  responseCode,
  grpcStatus,
}: {
  readonly responseCode: number;
  readonly grpcStatus?: number | undefined;
}): boolean => responseCode >= 500 || responseCode === 0 || (grpcStatus !== undefined && serverFailed.has(grpcStatus));
