import type { L7Cluster, L7HeaderEdit, L7RetryPolicy, L7Timeouts } from "../../../xds/proxy-config.ts";
import type { ForwardPlan } from "../../request-plan.ts";
import type { Draft } from "../draft.ts";
import { affinityOf } from "../filters/affinity.ts";
import { applyEdits } from "../filters/header-edits.ts";
import type { Changes, CompiledBackend } from "./compile-rule.ts";
import { grpcDeadlineMs } from "./grpc-deadline.ts";

/** Where a request goes, once that is settled. */
export interface Destination {
  readonly backend: CompiledBackend;
  readonly cluster: L7Cluster;
  readonly timeouts: L7Timeouts;
  readonly retry: L7RetryPolicy;
  readonly mirrors: readonly L7Cluster[];
  readonly delayMs: number;
  /** Of the rule; those of the backend come behind them. */
  readonly changes: Changes | undefined;
  /** What a prefix rewrite replaces; `undefined`: the whole path. */
  readonly prefix: string | undefined;
}

/** Plans to send a request on. */
export function forward(draft: Draft, destination: Destination): ForwardPlan {
  const { request, path, place, route, rule, decision, shadow, audited, token } = draft;
  const { backend, cluster, changes, prefix, timeouts, retry, mirrors, delayMs } = destination;
  const { hash, setCookie } = affinityOf(cluster, draft);
  let target = path;
  let authority = request.authority;
  for (let step = 0; step < 2; step++) {
    const change = step === 0 ? changes : backend.changes;
    if (change !== undefined) {
      target = change.path === undefined ? target : change.path(path, prefix);
      authority = change.hostname || change.request.authority || authority;
      if (change.request.edits.length > 0) {
        applyEdits(draft.edited, change.request.edits);
      }
      draft.responseEdits.push(...change.response);
    }
  }
  if (setCookie !== undefined) {
    draft.responseEdits.push(cookieEdit(setCookie));
  }
  const deadlineMs = request.grpc ? grpcDeadlineMs(draft.header("grpc-timeout")) : 0;
  return {
    kind: "forward",
    path,
    port: place.port,
    service: place.service,
    route,
    rule,
    decision,
    shadow,
    audited,
    token,
    target: withQuery(target, draft.query),
    authority,
    fields: draft.fields,
    backend: backend.backend,
    cluster,
    upgrade: draft.upgrade,
    timeouts,
    retry,
    hash,
    delayMs,
    mirrors,
    responseEdits: draft.responseEdits,
    deadlineMs,
  };
}

/** A query in the new path is kept before that of the request. */
const withQuery = (target: string, query: string): string =>
  query === "" ? target : target.includes("?") ? `${target}&${query.slice(1)}` : target + query;

const cookieEdit = (value: string): L7HeaderEdit => ({ set: [], add: [{ name: "set-cookie", value }], remove: [] });
