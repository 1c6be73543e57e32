import type { ExchangeOutcome } from "../l7/exchange-outcome.ts";
import { envoyClusterName } from "./envoy-metrics.ts";

/** The operators of Istio's default access log (istio.io "Envoy Access Logs"), in the order of its text form. */
interface Entry {
  readonly start_time: string;
  readonly method: string;
  readonly path: string;
  readonly protocol: string;
  readonly response_code: number;
  readonly response_flags: string;
  readonly response_code_details: string;
  readonly connection_termination_details: null;
  readonly upstream_transport_failure_reason: null;
  readonly bytes_received: number;
  readonly bytes_sent: number;
  readonly duration: number;
  readonly upstream_service_time: null;
  readonly x_forwarded_for: string | null;
  readonly user_agent: string | null;
  readonly request_id: string | null;
  readonly authority: string | null;
  readonly upstream_host: string | null;
  readonly upstream_cluster: string | null;
  readonly upstream_local_address: null;
  readonly downstream_local_address: string | null;
  readonly downstream_remote_address: string | null;
  readonly requested_server_name: string | null;
  readonly route_name: string | null;
  /** AUDIT policies that matched, `<namespace>/<name>`; absent where none did, and no operator of Istio's. */
  readonly audit_policies?: string;
}

/** Longest value that is written. */
const valueMax = 1_024;

/** One line of the access log, with its newline. */
export function accessLogLine(
  outcome: ExchangeOutcome,
  { encoding, kind }: { readonly encoding: "TEXT" | "JSON"; readonly kind: "gateway" | "waypoint" },
): string {
  const entry = entryOf(outcome, kind);
  return encoding === "JSON" ? `${JSON.stringify(entry)}\n` : textOf(entry);
}

function entryOf(outcome: ExchangeOutcome, kind: "gateway" | "waypoint"): Entry {
  const { request, plan, peer, endpoint } = outcome;
  const field = (name: string): string | null => orNull(request?.fields.get(name));
  const audited = plan?.audited ?? [];
  const cluster = plan?.kind === "forward" ? envoyClusterName(plan.cluster.key, kind) : null;
  return {
    start_time: new Date(outcome.startedUnixMs).toISOString(),
    method: clip(request?.method ?? "-"),
    path: clip(request?.target ?? "-"),
    protocol: request?.protocol ?? "-",
    response_code: outcome.status,
    response_flags: outcome.flag,
    response_code_details: detailsOf(outcome),
    connection_termination_details: null,
    upstream_transport_failure_reason: null,
    bytes_received: outcome.requestBytes,
    bytes_sent: outcome.responseBytes,
    duration: Math.round(outcome.durationMs),
    upstream_service_time: null,
    x_forwarded_for: field("x-forwarded-for"),
    user_agent: field("user-agent"),
    request_id: field("x-request-id"),
    authority: orNull(request?.authority),
    upstream_host: endpoint === undefined ? null : `${endpoint.address}:${endpoint.port}`,
    upstream_cluster: cluster,
    upstream_local_address: null,
    downstream_local_address: orNull(peer.destinationIp === "" ? "" : `${peer.destinationIp}:${outcome.port}`),
    downstream_remote_address: orNull(peer.sourceIp),
    requested_server_name: orNull(peer.sni),
    route_name: orNull(plan?.rule?.name || plan?.route?.key),
    ...(audited.length === 0 ? {} : { audit_policies: clip(audited.join(",")) }),
  };
}

/** `%RESPONSE_CODE_DETAILS%` with Envoy's words. */
function detailsOf({ plan, flag, endpoint, status }: ExchangeOutcome): string {
  const refusal = plan?.kind === "reply" ? plan.refusal : undefined;
  switch (refusal?.reason) {
    case "denied-by-policy":
    case "unknown-policy": {
      const [namespace = "", name = ""] = refusal.policy.split("/");
      return `rbac_access_denied_matched_policy[ns[${namespace}]-policy[${name}]-rule[${refusal.rule}]]`;
    }
    case "no-allow-policy-matched":
      return "rbac_access_denied_matched_policy[none]";
    case "token-invalid":
      return "jwt_authn_access_denied";
    case "refused-by-authorizer":
      return "ext_authz_denied";
    case "authorizer-unavailable":
      return "ext_authz_error";
    case "rate-limited":
      return "request_rate_limited";
    case undefined:
      break;
  }
  switch (flag) {
    case "NR":
      return "route_not_found";
    case "UH":
      return "no_healthy_upstream";
    case "UT":
      return "response_timeout";
    case "UO":
      return "overflow";
    case "FI":
      return "fault_filter_abort";
    case "DC":
      return "downstream_remote_disconnect";
    case "DPE":
      return "http1.codec_error";
    case "UF":
    case "UC":
    case "URX":
      return "upstream_reset_before_response_started";
    default:
      return endpoint !== undefined && status !== 0 ? "via_upstream" : "direct_response";
  }
}

function textOf(entry: Entry): string {
  const bare = (value: string | number | null): string =>
    value === null || value === "" ? "-" : printable(String(value));
  const quoted = (value: string | null): string => `"${bare(value)}"`;
  return `${[
    `[${entry.start_time}]`,
    `"${printable(entry.method)} ${printable(entry.path)} ${entry.protocol}"`,
    entry.response_code,
    entry.response_flags,
    entry.response_code_details,
    bare(entry.connection_termination_details),
    quoted(entry.upstream_transport_failure_reason),
    entry.bytes_received,
    entry.bytes_sent,
    entry.duration,
    bare(entry.upstream_service_time),
    quoted(entry.x_forwarded_for),
    quoted(entry.user_agent),
    quoted(entry.request_id),
    quoted(entry.authority),
    quoted(entry.upstream_host),
    bare(entry.upstream_cluster),
    bare(entry.upstream_local_address),
    bare(entry.downstream_local_address),
    bare(entry.downstream_remote_address),
    bare(entry.requested_server_name),
    bare(entry.route_name),
    ...(entry.audit_policies === undefined ? [] : [`"audited by ${printable(entry.audit_policies)}"`]),
  ].join(" ")}\n`;
}

/** A caller must not write lines or columns of its own. */
const printable = (value: string): string =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: exactly those are escaped.
  value.replace(/[\x00-\x1f\x7f"\\]/g, (char) => `\\x${char.charCodeAt(0).toString(16).padStart(2, "0")}`);

const clip = (text: string): string => (text.length > valueMax ? text.slice(0, valueMax) : text);
const orNull = (value: string | undefined): string | null => (value === undefined || value === "" ? null : clip(value));
