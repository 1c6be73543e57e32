/** Can A call B? Pure over an inventory: as it is, or as it would be. */
import type { Finding, Verdict } from "@/server/contracts/golden-paths.ts";
import type { WhatIf, WhatIfHop, WhatIfRequest } from "@/server/contracts/what-if.ts";
import type { Inventory, InventoryService } from "@/server/inventory/model.ts";
import { fixesOf } from "./fixes.ts";
import { WayFinder } from "./hops.ts";
import { noRoute, routeWords } from "./route-words.ts";
import { tryValues } from "./try-values.ts";

export interface WhatIfWorld {
  readonly inventory: Inventory;
  readonly trustDomain: string;
  /** Address of the gateway for "try it"; empty for none. */
  readonly gatewayUrl: string;
  readonly findings: readonly Finding[];
  /** It is not asked about the cluster as it is. */
  readonly imagined: boolean;
}

export function answerWhatIf(request: WhatIfRequest, service: InventoryService, world: WhatIfWorld): WhatIf {
  const { inventory, trustDomain, gatewayUrl, findings, imagined } = world;
  const { hops, route } = new WayFinder(inventory, trustDomain).find(request, service);
  const verdict = service.pods.length === 0 && !refused(hops) ? "unknown" : verdictOf(hops);
  return {
    verdict,
    sentence: sentenceOf(verdict, request, service, hops),
    hops: [...hops],
    route: verdict === "denied" ? noRoute : routeWords(route, service, inventory),
    findings: [...findings],
    fixes: fixesOf(request, service, hops, inventory),
    tryIt: imagined ? null : tryValues(request, service, inventory, gatewayUrl),
  };
}

const refused = (hops: readonly WhatIfHop[]): boolean => hops.some(({ verdict }) => verdict === "denied");

/** Pods that decide differently leave it open; any other refusal on the way is one. */
function verdictOf(hops: readonly WhatIfHop[]): Verdict {
  const agents = hops.filter(({ at }) => at === "agent");
  const others = hops.filter(({ at }) => at !== "agent");
  if (
    others.some(({ verdict }) => verdict === "denied") ||
    (agents.length > 0 && agents.every(({ verdict }) => verdict === "denied"))
  ) {
    return "denied";
  }
  return hops.length === 0 || hops.some(({ verdict }) => verdict !== "allowed") ? "unknown" : "allowed";
}

function sentenceOf(
  verdict: Verdict,
  { caller, method, path }: WhatIfRequest,
  service: InventoryService,
  hops: readonly WhatIfHop[],
): string {
  const who =
    caller.kind === "identity"
      ? caller.serviceAccount
      : caller.kind === "plain"
        ? "A caller without identity"
        : `A visitor of ${caller.host || caller.gateway.name}`;
  const what = `${service.name}: ${method} ${path}`;
  const last = hops.at(-1);
  if (verdict === "allowed") {
    return `${who} may call ${what}.`;
  }
  if (verdict === "denied") {
    const by = hops.find((hop) => hop.verdict === "denied") ?? last;
    return `${who} may not call ${what}. The ${by?.enforcer ?? "mesh"} refuses it.`;
  }
  if (service.pods.length === 0) {
    return `Nothing refuses that ${who} calls ${what}, but ${service.name} has no pods that could answer.`;
  }
  const open = hops.find((hop) => hop.verdict === "unknown");
  return open === undefined
    ? `Whether ${who} may call ${what} depends on the pod that answers.`
    : `Whether ${who} may call ${what} is for ${open.asks.join(" and ") || "somebody else"} to say.`;
}
