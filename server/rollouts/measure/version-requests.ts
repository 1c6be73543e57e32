/** Which records of the proxies are about one version of a service. Pure. */
import type { ServiceRef } from "@/server/contracts/names.ts";
import type { RequestIdentity } from "@/server/telemetry/records.ts";
import { isRefusal } from "@/server/traffic/graph/edge-totals.ts";

/**
 * Requests that were sent to the service and that its waypoint handed to the version. The waypoint alone counts: it
 * shares the calls out, and what other proxies report of the same requests would count them twice. What a policy or a
 * limit refused, what a caller gave up and what a fault answered is no doing of the version.
 */
export const isAbout = ({ labels, responseFlags }: RequestIdentity, service: ServiceRef, version: string): boolean =>
  labels.reporter === "waypoint" &&
  labels.destination_version === version &&
  labels.destination_service_name === service.name &&
  labels.destination_service_namespace === service.namespace &&
  responseFlags !== "DC" &&
  responseFlags !== "FI" &&
  !isRefusal(responseFlags);

/** 5xx, or no answer. */
export const isError = ({ responseCode }: RequestIdentity): boolean => responseCode >= 500 || responseCode === 0;
