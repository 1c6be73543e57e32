import type { Fields, RequestHead } from "../http1/index.ts";
import { evaluateL7, normalizePath } from "../policy/index.ts";
import type { Decision } from "../policy/model.ts";
import type { L7Backend, L7RouteRule } from "../xds/model.ts";
import { chooseBackend } from "./choose-backend.ts";
import { judgedField } from "./forward-request.ts";
import { hostOf } from "./host-pattern.ts";
import { type LocalReply, localReplies } from "./local-reply.ts";
import { matchListener, matchRoute } from "./match-route.ts";
import type { PortState } from "./port-state.ts";

/** The two ends of a client's connection. */
export interface ClientFacts {
  readonly clientAddress: string;
  readonly localAddress: string;
}

/** What shall be done with a request. */
export type RequestPlan =
  | {
      readonly kind: "reply";
      readonly reply: LocalReply;
      /** Normalized, without query; as sent where it cannot be normalized. */
      readonly path: string;
      /** The refusal, when policy is why. */
      readonly denial?: Decision;
      readonly backend?: L7Backend;
    }
  | {
      readonly kind: "forward";
      readonly path: string;
      /** Normalized path and query: what was judged is what is sent. */
      readonly target: string;
      readonly rule: L7RouteRule;
      readonly backend: L7Backend;
      /** Protocol to switch to. */
      readonly upgrade: string | undefined;
    };

/**
 * Judges and routes a request: normalize, authorize, match, pick a backend. `fields` are those that will be sent. Pure
 * but for `random`.
 */
export function planRequest(
  request: RequestHead,
  fields: Fields,
  client: ClientFacts,
  state: PortState,
  random: () => number,
): RequestPlan {
  const sent = request.target.path;
  if (request.method === "CONNECT") {
    return { kind: "reply", reply: localReplies.connectNotAllowed, path: sent };
  }
  const normalized = sent === "*" ? { path: "*", query: "" } : normalizePath(sent);
  if (normalized === undefined) {
    return { kind: "reply", reply: localReplies.badPath, path: sent };
  }
  const { path, query } = normalized;
  const { method } = request;
  const host = hostOf(request.target.authority);
  const header = (name: string): string | undefined => judgedField(request, fields, name);
  const entry = matchListener(state.routes, host);
  const policies = (entry === undefined ? undefined : state.policies.get(entry.listener)) ?? state.fallbackPolicies;
  if (policies.keys.length > 0) {
    const decision = evaluateL7(policies, {
      sourceIp: client.clientAddress,
      destinationIp: client.localAddress,
      destinationPort: state.port,
      method,
      host: request.target.authority,
      path,
      header,
    });
    if (!decision.allowed) {
      return { kind: "reply", reply: localReplies.denied, path, denial: decision };
    }
  }
  const matched = entry === undefined ? undefined : matchRoute(entry, host, { method, path, query, header });
  if (matched === undefined) {
    return { kind: "reply", reply: localReplies.noRoute, path };
  }
  const backend = chooseBackend(matched.rule.backends, random());
  if (backend === undefined || backend.service === "") {
    return {
      kind: "reply",
      reply: localReplies.unresolvedBackend,
      path,
      ...(backend === undefined ? {} : { backend }),
    };
  }
  // Only WebSocket is let through: switching to HTTP/2 would carry requests past every check here.
  const upgrade =
    request.framing.kind === "none" && request.upgrade?.toLowerCase() === "websocket" ? "websocket" : undefined;
  return { kind: "forward", path, target: path + query, rule: matched.rule, backend, upgrade };
}
