import type { L7Listener, L7Policies, L7RouteRule } from "../../xds/proxy-config.ts";
import type { LocalReply } from "../local-reply.ts";
import { localReplies } from "../local-reply.ts";
import type { Draft } from "./draft.ts";
import { Gate } from "./gate.ts";
import { type PlaceRules, type Places, routed } from "./place-rules.ts";
import type { PlannerOptions } from "./planner-scope.ts";
import { HostTable, hostOf } from "./routes/host-pattern.ts";
import { virtualHosts } from "./routes/virtual-hosts.ts";
import type { CompiledRule } from "./rules/compile-rule.ts";

/** Host of another listener than the one whose certificate was shown (RFC 9110 §15.5.20; Gateway API GEP-3567). */
const misdirected: LocalReply = { status: 421, flag: "NR", body: "" };

/**
 * The listeners of one port. Plain text: the most specific one for the request's host. TLS: the one that the connection
 * was made for by its server name, and no other, so that no listener's policies can be gone around.
 */
export function gatewayPlaces(
  listeners: readonly L7Listener[],
  compile: (rule: L7RouteRule) => CompiledRule,
  options: PlannerOptions,
): Places {
  const port = listeners[0]?.port ?? 0;
  const byHostname = new Map(
    listeners.map((listener) => [listener.hostname.toLowerCase(), compileListener(listener, compile, options)]),
  );
  const table = new HostTable(byHostname);
  const uncovered: PlaceRules = {
    gate: new Gate(everyPolicy(listeners), "", options),
    route: (draft) => draft.reply(localReplies.noRoute),
  };
  const wrongHost: PlaceRules = { ...uncovered, route: (draft) => draft.reply(misdirected) };
  return {
    place: { port, service: "" },
    of({ authority, peer }) {
      const byHost = table.find(hostOf(authority));
      if (peer.scheme !== "https") {
        return byHost ?? uncovered;
      }
      const byName = table.find(peer.sni.toLowerCase());
      return byHost === byName ? (byHost ?? uncovered) : byHost === undefined ? uncovered : wrongHost;
    },
  };
}

function compileListener(
  listener: L7Listener,
  compile: (rule: L7RouteRule) => CompiledRule,
  options: PlannerOptions,
): PlaceRules {
  const hosts = virtualHosts(listener.hostname, listener.routes, compile);
  return {
    gate: new Gate(listener, "", options),
    route: (draft: Draft, random) => routed(hosts.find(hostOf(draft.authority)), draft, random),
  };
}

/** What all listeners ask for, for hosts that none of them covers. */
function everyPolicy(listeners: readonly L7Listener[]): L7Policies {
  const authorizations = listeners.flatMap((listener) => listener.authorizations);
  const byName = new Map(authorizations.map((policy) => [`${policy.namespace}/${policy.name}`, policy]));
  return { authorizations: [...byName.values()], jwtRules: [], rateLimits: [] };
}
