/** What istiod's webhook says of one HTTP rule of a VirtualService. */
import { admitDestination, admitDestinations } from "./admit-destinations.ts";
import { admitDuration } from "./admit-durations.ts";
import { admitFault } from "./admit-fault.ts";
import { admitDirectResponse, admitRedirect, admitRewrite, conflicts } from "./admit-http-actions.ts";
import { admitHeaders, corsNameProblem, isAuthority } from "./admit-http-headers.ts";
import { admitHttpMatches } from "./admit-http-match.ts";
import type { CorsPolicy, HttpRetries, VirtualServiceHttpRule } from "./http-rule.ts";
import { regexProblem } from "./regex.ts";
import type { Report } from "./report.ts";

/** `isDelegate`: of a VirtualService without hosts. */
export function admitHttpRule(rule: VirtualServiceHttpRule, isDelegate: boolean, report: Report): void {
  for (const conflict of conflicts(rule, isDelegate)) {
    report.refuse(conflict);
  }
  admitHttpMatches(rule.match ?? [], report);
  admitHeaders(rule.headers, report);
  admitCors(rule.corsPolicy, report);
  admitFault(rule.fault, report);
  admitMirrors(rule, report);
  admitRedirect(rule.redirect, report);
  admitDirectResponse(rule.directResponse, report);
  admitRetries(rule.retries, report);
  admitRewrite(rule.rewrite, report);
  report.refuse(authorityProblem(rule));
  admitDestinations(rule.route ?? [], report);
  admitDuration(rule.timeout, report);
}

function admitMirrors(rule: VirtualServiceHttpRule, report: Report): void {
  const percent = rule.mirrorPercent ?? rule.mirror_percent;
  if (typeof percent === "number") {
    if (percent > 100) {
      report.refuse(`mirror_percent must have a max value of 100 (it has ${percent})`);
    }
    report.warn('using deprecated setting "mirrorPercent", use "mirrorPercentage" instead');
  }
  report.refuse(mirrorShareProblem("mirror_percentage", rule.mirrorPercentage?.value));
  if (rule.mirror !== undefined) {
    admitDestination(rule.mirror, report);
  }
  for (const { destination, percentage } of rule.mirrors ?? []) {
    admitDestination(destination, report);
    report.refuse(mirrorShareProblem("mirror percentage", percentage?.value));
  }
}

function mirrorShareProblem(what: string, value = 0): string | undefined {
  if (value > 100) {
    return `${what} must have a max value of 100 (it has ${value.toFixed(6)})`;
  }
  return value < 0 ? `${what} must have a min value of 0 (it has ${value.toFixed(6)})` : undefined;
}

/** The host of the request is changed in one place at most. */
function authorityProblem({ rewrite, headers }: VirtualServiceHttpRule): string | undefined {
  let current = rewrite?.authority ?? "";
  const { set = {}, add = {} } = headers?.request ?? {};
  for (const [name, value] of [...Object.entries(set), ...Object.entries(add)]) {
    if (isAuthority(name)) {
      if (current !== "") {
        return `authority header cannot be set multiple times: have ${JSON.stringify(current)}, attempting to set ${JSON.stringify(value)}`;
      }
      current = value;
    }
  }
  return undefined;
}

const corsMethods = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "CONNECT", "OPTIONS", "TRACE", "*"]);

function admitCors(cors: CorsPolicy | undefined, report: Report): void {
  for (const origin of cors?.allowOrigins ?? []) {
    const { exact, prefix, regex } = origin;
    if ((exact ?? prefix ?? regex ?? "") === "") {
      report.refuse("'' is not a valid match type for CORS allow origins");
    } else if (regex !== undefined) {
      report.refuse(regexProblem(regex, "corsPolicy.allowOrigins"));
    }
  }
  for (const method of cors?.allowMethods ?? []) {
    report.refuse(corsMethods.has(method) ? undefined : `${JSON.stringify(method)} is not a supported HTTP method`);
  }
  for (const name of [...(cors?.allowHeaders ?? []), ...(cors?.exposeHeaders ?? [])]) {
    report.refuse(corsNameProblem(name));
  }
  admitDuration(cors?.maxAge, report);
}

const retryConditions = new Set([
  "5xx",
  "gateway-error",
  "reset",
  "reset-before-request",
  "connect-failure",
  "retriable-4xx",
  "refused-stream",
  "retriable-status-codes",
  "retriable-headers",
  "envoy-ratelimited",
  "http3-post-connect-failure",
  "cancelled",
  "deadline-exceeded",
  "internal",
  "resource-exhausted",
  "unavailable",
]);

/** Status codes that Go's net/http has a text for, by their hundreds. */
const knownStatuses = [
  [100, 103],
  [200, 208],
  [226, 226],
  [300, 305],
  [307, 308],
  [400, 418],
  [421, 426],
  [428, 429],
  [431, 431],
  [451, 451],
  [500, 508],
  [510, 511],
] as const;

function admitRetries(retries: HttpRetries | undefined, report: Report): void {
  if (retries === undefined) {
    return;
  }
  const { attempts = 0, perTryTimeout, retryOn, retryRemoteLocalities } = retries;
  if (attempts < 0) {
    report.refuseListed("attempts cannot be negative");
  }
  const configured = perTryTimeout !== undefined || Boolean(retryOn) || typeof retryRemoteLocalities === "boolean";
  if (attempts === 0 && configured) {
    report.refuse("http retry policy configured when attempts are set to 0 (disabled)");
  }
  admitDuration(perTryTimeout, report);
  for (const condition of retryOn ? retryOn.split(",") : []) {
    const code = /^\d{3}$/.test(condition) ? Number(condition) : 0;
    if (!retryConditions.has(condition) && !knownStatuses.some(([from, to]) => code >= from && code <= to)) {
      report.refuse(`${JSON.stringify(condition)} is not a valid retryOn policy`);
    }
  }
  admitDuration(retries.backoff, report);
}
