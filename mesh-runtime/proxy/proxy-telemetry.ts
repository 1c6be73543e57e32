import { pathTemplate } from "../api/path-template.ts";
import type { EdgeLabels, ResponseFlag } from "../api/telemetry.ts";
import type { TlsRefusal } from "../hbone/server.ts";
import type { CopyOutcome, ExchangeOutcome, TunnelOutcome } from "../l7/exchange-outcome.ts";
import type { Peer } from "../l7/peer.ts";
import type { Refusal } from "../l7/request-plan.ts";
import type { Recorder } from "../telemetry/recorder.ts";
import type { AccessLog } from "./access-log.ts";
import { accessLogLine } from "./access-log-line.ts";
import type { Audits } from "./audits.ts";
import { type ClusterCounters, serviceOf } from "./cluster-counters.ts";
import type { ProxySettings } from "./config.ts";
import type { EdgeBook, EdgePair } from "./edge-book.ts";
import { spansOf } from "./request-spans.ts";
import { observeNames } from "./seen-request.ts";
import type { TelemetryRules } from "./telemetry-rules.ts";

export interface ProxyTelemetryOptions {
  readonly settings: ProxySettings;
  readonly recorder: Recorder;
  readonly counters: ClusterCounters;
  readonly audits: Audits;
  readonly rules: TelemetryRules;
  readonly accessLog: AccessLog;
  /** Which edges an exchange counts on. */
  readonly edges: EdgeBook;
}

/** Longest text that the telemetry contract carries. */
const textMax = 512;
const evaluatedMax = 64;
const notAudited: readonly string[] = [];
const clip = (text: string): string => (text.length > textMax ? text.slice(0, textMax) : text);

/** Hears of every exchange and tunnel of the engine, and counts. The ordinary request costs a few look-ups. */
export class ProxyTelemetry {
  readonly #options: ProxyTelemetryOptions;
  readonly #ownPod: string;

  constructor(options: ProxyTelemetryOptions) {
    this.#options = options;
    this.#ownPod = `${options.settings.namespace}/${options.settings.podName}`;
  }

  /** Takes one finished exchange. */
  readonly exchange = (outcome: ExchangeOutcome): void => {
    const { request, plan, flag, status } = outcome;
    const { recorder, rules, edges } = this.#options;
    const refusal = plan?.kind === "reply" ? plan.refusal : undefined;
    const pair = edges.ofExchange(outcome);
    const counted = {
      method: clip(request?.method ?? ""),
      path: plan?.path ?? request?.target ?? "",
      responseCode: status,
      responseFlags: flag,
      durationMs: outcome.durationMs,
      requestBytes: outcome.requestBytes,
      responseBytes: outcome.responseBytes,
      grpcStatus: outcome.grpcStatus,
      requestMessages: outcome.requestMessages,
      responseMessages: outcome.responseMessages,
      destinationPort: outcome.port,
      decision: refusal === undefined ? ("allowed" as const) : ("denied" as const),
    };
    pair.inbound.request(counted);
    if (pair.outbound !== undefined) {
      const { endpoint } = outcome;
      pair.outbound.request({
        ...counted,
        destinationPort: endpoint?.port ?? outcome.port,
        decision: flag === "DENY" ? "denied" : "allowed",
      });
    }
    if (recorder.wantsAccess(status >= 400 || status === 0)) {
      this.#keepAccess(outcome, pair);
    }
    if (refusal !== undefined) {
      this.#denied(outcome, refusal, pair.inbound.labels);
    }
    if (plan?.shadow !== undefined) {
      this.#shadow(outcome, pair.inbound.labels);
    }
    const audited = plan?.audited ?? notAudited;
    if (audited.length > 0) {
      this.#options.audits.matched(audited);
    }
    if (recorder.names.wants()) {
      observeNames(outcome, recorder.names);
    }
    this.#countAtClusters(outcome);
    const service = plan?.service ?? "";
    const { accessLog, tracing } = rules.of(service);
    // Whoever writes an AUDIT policy wants its requests in the log, whatever Telemetry keeps out of it.
    if (audited.length > 0 || (accessLog.enabled && (status >= accessLog.minStatus || status === 0))) {
      const { edges: book, settings } = this.#options;
      this.#options.accessLog.add(accessLogLine(outcome, { encoding: settings.accessLogEncoding, kind: book.kind }));
    }
    if (tracing.enabled && request?.trace.sampled === true) {
      for (const span of spansOf(outcome, request, this.#options.settings.app)) {
        recorder.span(span);
      }
    }
  };

  /** Takes news of a connection that is carried as bytes. */
  readonly tunnel = (outcome: TunnelOutcome): void => {
    const { phase, port, flag, refusal } = outcome;
    const edge = this.#options.edges.ofTunnel(outcome);
    switch (phase) {
      case "opened":
        edge.connectionOpened(port);
        break;
      case "progress":
        break;
      case "closed":
        edge.connectionClosed(flag);
        break;
      case "refused":
        edge.connectionRefused(port, flag);
        if (refusal !== undefined) {
          this.#refused(edge.labels, refusal, outcome.peer, {
            port,
            method: "",
            path: "",
            host: "",
            answer: 0,
            destinationPod: podOf(outcome),
          });
        }
        break;
    }
    if (outcome.sentBytes > 0 || outcome.receivedBytes > 0) {
      edge.bytes(outcome.sentBytes, outcome.receivedBytes);
    }
  };

  /** Takes what became of a copy: on no edge, since nobody called. */
  readonly copy = (outcome: CopyOutcome): void => {
    const { counters, edges, recorder, settings } = this.#options;
    const { plan, cluster, phase } = outcome;
    // The graph knows a gateway, and the service in front of which a waypoint stands.
    const of = edges.kind === "gateway" ? `${settings.namespace}/${settings.workloadName}` : plan.service;
    switch (phase) {
      case "sent":
        counters.countCopy(cluster.key, of);
        break;
      case "not-sent":
        counters.count(cluster.key, "notMirrored");
        break;
      case "ended":
        recorder.copies.ended({
          of,
          to: serviceOf(cluster.key),
          responseCode: outcome.status,
          responseFlags: outcome.flag,
          grpcStatus: outcome.grpcStatus,
          durationMs: outcome.durationMs,
        });
        break;
    }
  };

  /** A caller of a waypoint that could not prove who it is. */
  handshakeRefused(reason: TlsRefusal, remoteAddress: string): void {
    const { recorder, edges, settings } = this.#options;
    const edge = edges.ofHandshake();
    edge.connectionRefused(edges.handshakePort, "TLS_FAILURE" satisfies ResponseFlag);
    recorder.denied({
      labels: edge.labels,
      hop: edges.kind,
      node: settings.node,
      reason,
      policy: "",
      rule: -1,
      attribute: "none",
      evaluated: [],
      destinationPort: edges.handshakePort,
      method: "",
      path: "",
      host: "",
      answer: 0,
      sourceIp: remoteAddress,
      sourcePod: "",
      destinationPod: this.#ownPod,
    });
  }

  #countAtClusters({ plan, flag, target }: ExchangeOutcome): void {
    const { counters } = this.#options;
    if (plan?.kind === "forward") {
      if (plan.delayMs > 0) {
        counters.count(plan.cluster.key, "faultsInjected");
      }
    } else if (flag === "RL" || flag === "FI") {
      const key = plan === undefined || plan.service === "" ? target : `${plan.service}|${plan.port}|`;
      counters.count(key, flag === "RL" ? "rateLimited" : "faultsInjected");
    }
  }

  #keepAccess(outcome: ExchangeOutcome, { inbound, outbound }: EdgePair): void {
    const { request, plan } = outcome;
    this.#options.recorder.keepAccess({
      timeUnixMs: outcome.startedUnixMs,
      labels: (outbound ?? inbound).labels,
      method: clip(request?.method ?? ""),
      path: clip(plan?.path ?? request?.target ?? ""),
      responseCode: outcome.status,
      responseFlags: outcome.flag,
      durationMs: outcome.durationMs,
      requestBytes: outcome.requestBytes,
      responseBytes: outcome.responseBytes,
      sourcePod: outbound === undefined ? sourcePodOf(outcome.peer) : this.#ownPod,
      destinationPod: podOf(outcome),
      traceId: request?.trace.traceId ?? "",
      host: clip(request?.authority ?? ""),
      protocol: request?.protocol ?? "",
      route: clip(routeOf(outcome)),
      attempts: outcome.attempts,
      grpcStatus: outcome.grpcStatus,
    });
  }

  #denied(outcome: ExchangeOutcome, refusal: Refusal, labels: EdgeLabels): void {
    const { request, plan } = outcome;
    this.#refused(labels, refusal, outcome.peer, {
      port: outcome.port,
      method: clip(request?.method ?? ""),
      path: clip(plan?.path ?? ""),
      host: clip(request?.authority ?? ""),
      answer: outcome.status,
      destinationPod: this.#options.edges.kind === "gateway" ? this.#ownPod : "",
    });
  }

  #refused(
    labels: EdgeLabels,
    refusal: Refusal,
    peer: Peer,
    at: {
      readonly port: number;
      readonly method: string;
      readonly path: string;
      readonly host: string;
      readonly answer: number;
      readonly destinationPod: string;
    },
  ): void {
    const { recorder, settings, edges } = this.#options;
    recorder.denied({
      labels,
      hop: edges.kind,
      node: settings.node,
      reason: refusal.reason,
      policy: clip(refusal.policy),
      rule: refusal.rule,
      attribute: clip(refusal.attribute),
      evaluated: refusal.evaluated.slice(0, evaluatedMax).map(clip),
      destinationPort: at.port,
      method: at.method,
      path: at.path,
      host: at.host,
      answer: at.answer,
      sourceIp: peer.sourceIp,
      sourcePod: sourcePodOf(peer),
      destinationPod: at.destinationPod,
    });
  }

  #shadow({ request, plan }: ExchangeOutcome, labels: EdgeLabels): void {
    const shadow = plan?.shadow;
    if (shadow === undefined) {
      return;
    }
    this.#options.recorder.shadow({
      labels,
      policy: clip(shadow.policy ?? ""),
      rule: shadow.rule ?? -1,
      attribute: clip(shadow.attribute ?? "none"),
      wouldBe: shadow.allowed ? "allowed" : "denied",
      method: clip(request?.method ?? ""),
      path: clip(pathTemplate(plan?.path ?? "")),
    });
  }
}

const sourcePodOf = ({ workload }: Peer): string =>
  workload === undefined ? "" : `${workload.namespace}/${workload.name}`;

const podOf = ({ endpoint }: Pick<ExchangeOutcome, "endpoint">): string =>
  endpoint === undefined || endpoint.outside === true ? "" : `${endpoint.workload.namespace}/${endpoint.workload.name}`;

/** `<kind>/<namespace>/<name>` and the rule's name, or its index when it has none. */
function routeOf({ plan }: ExchangeOutcome): string {
  const { route, rule } = plan ?? {};
  if (route === undefined) {
    return "";
  }
  const index = rule === undefined ? -1 : route.rules.indexOf(rule);
  return rule === undefined ? route.key : `${route.key}/${rule.name === "" ? index : rule.name}`;
}
