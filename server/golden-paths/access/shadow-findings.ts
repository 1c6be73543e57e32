/** Whether a rule does what it says, as the mesh's own engine decides about one request of each kind. Pure. */
import type { Passage } from "@/mesh-runtime/policy/index.ts";
import type { CallerChoice, RequestRule } from "@/server/contracts/golden-paths/parts.ts";
import type { Finding } from "@/server/contracts/golden-paths.ts";
import type { InventoryService } from "@/server/inventory/model.ts";
import { intentsOfService } from "../intent.ts";
import { finding, type PathContext } from "../path.ts";
import { withdrawalOf } from "../withdrawal.ts";
import type { Outcome } from "./outcome.ts";
import { sampleOf } from "./sample-request.ts";
import { callerTitle } from "./words.ts";

/** Callers that are tried; more are like them. */
const callersMax = 16;

interface Rule {
  readonly callers: readonly CallerChoice[];
  readonly ports: readonly number[];
  readonly requests: readonly RequestRule[];
}

interface Tried {
  readonly caller: CallerChoice;
  readonly index: number;
  readonly passage: Passage;
}

function tried(service: InventoryService, rule: Rule, outcome: Outcome, { traffic }: PathContext): Tried[] {
  const port = rule.ports.find((one) => service.ports.some((known) => known.port === one));
  if (port === undefined) {
    return [];
  }
  const requests = rule.requests.length === 0 ? [undefined] : rule.requests;
  return rule.callers.slice(0, callersMax).flatMap((caller) =>
    requests.map((request, index) => ({
      caller,
      index,
      passage: outcome.request(
        service,
        // Through a waypoint nobody comes without an identity: somebody stands for anyone.
        caller.kind === "identity" ? caller : { namespace: "towpath-stranger", serviceAccount: "towpath-stranger" },
        port,
        sampleOf(request, traffic.paths(service)),
        "signed-in",
      ),
    })),
  );
}

/** Of a rule that lets in: something refuses the same requests. */
export function shadowFindings(
  service: InventoryService,
  rule: Rule,
  outcome: Outcome,
  context: PathContext,
): Finding[] {
  const refused = tried(service, rule, outcome, context).filter(({ passage }) => !passage.allowed);
  const byPolicy = Map.groupBy(refused, ({ passage }) => passage.hops.at(-1)?.decision.policy ?? "");
  return [...byPolicy].flatMap(([policy, [first]]) => {
    const hop = first?.passage.hops.at(-1);
    // Whoever speaks for the waypoint at the pods is looked at by itself.
    if (first === undefined || hop === undefined || (hop.at === "agent" && first.passage.hops.length > 1)) {
      return [];
    }
    const field = rule.requests.length === 0 ? "callers" : `requests.${first.index}`;
    if (hop.decision.reason !== "denied-by-policy") {
      const message = "No request fulfils this rule as it is written.";
      return [finding("warning", "value-never-matches", field, message)];
    }
    const place = `AuthorizationPolicy ${policy}`;
    const title = callerTitle(first.caller, context);
    const message = `${place} refuses ${title} all the same: what refuses comes before what lets in.`;
    const block = intentsOfService(context.current, service).find(
      (one) =>
        one.slug === "block-a-caller" &&
        [`${service.name}-blocked`, `${service.name}-waypoint-blocked`].some((name) => policy.endsWith(`/${name}`)),
    );
    const path =
      block === undefined ? undefined : withdrawalOf(block, "Take the block back", "It refuses the same requests");
    return [finding("warning", "rule-shadowed", field, message, { place, path: path ?? null })];
  });
}

/** Of a rule that refuses: somebody whom it names would still get in. */
export function leakFindings(service: InventoryService, rule: Rule, outcome: Outcome, context: PathContext): Finding[] {
  const [leak] = tried(service, rule, outcome, context).filter(({ passage }) => passage.allowed);
  if (leak === undefined) {
    return [];
  }
  const message = "No request is like this rule as it is written: it would refuse nothing.";
  const field = rule.requests.length === 0 ? "callers" : `requests.${leak.index}`;
  return [finding("warning", "value-never-matches", field, message)];
}
