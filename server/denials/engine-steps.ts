/** How a layer 7 proxy decided: authorizer, token, deny, allow, rate limit, in the order in which it asks. Pure. */
import type { AuthorizationPolicyResource } from "@/mesh-runtime/policy/index.ts";
import type { DenialGroup } from "@/server/contracts/denials.ts";
import { count } from "@/server/golden-paths/path.ts";
import { findService, type Inventory, type InventoryRouting } from "@/server/inventory/model.ts";
import { findPolicies, gatewayOf, isDryRun } from "@/server/policies/applied.ts";
import type { DenialIdentity } from "@/server/telemetry/records.ts";

type Step = DenialGroup["steps"][number];

/** The stages of the engine. The refusal ends them. */
const stages = ["authorizer", "token", "deny", "allow", "limit"] as const;
type Stage = (typeof stages)[number];

const stageOf: Partial<Record<DenialIdentity["reason"], Stage>> = {
  "refused-by-authorizer": "authorizer",
  "authorizer-unavailable": "authorizer",
  "token-invalid": "token",
  "denied-by-policy": "deny",
  "no-allow-policy-matched": "allow",
  "rate-limited": "limit",
};

/** undefined where an agent decided, or before any of these was asked. */
export function engineSteps(
  identity: DenialIdentity,
  service: { readonly namespace: string; readonly name: string },
  inventory: Inventory,
): Step[] | undefined {
  const ended = identity.hop === "agent" ? undefined : stageOf[identity.reason];
  if (ended === undefined) {
    return undefined;
  }
  const asked = askedOf(service, inventory);
  const before = stages.slice(0, stages.indexOf(ended)).map((stage) => passed(stage, asked));
  return [...before, ...refused(ended, identity, asked)];
}

interface Asked {
  readonly policies: readonly AuthorizationPolicyResource[];
  readonly tokens: readonly InventoryRouting[];
}

/** What the proxy in front of the service reads, as far as the live resources say. */
function askedOf(ref: { readonly namespace: string; readonly name: string }, inventory: Inventory): Asked {
  const service = findService(inventory, ref);
  if (service === undefined) {
    return { policies: [], tokens: [] };
  }
  const at = service.waypoint ?? gatewayOf(inventory, service);
  const key = `${ref.namespace}/${ref.name}`;
  return {
    policies: findPolicies(inventory)
      .ofService(service)
      .filter((policy) => !isDryRun(policy) && (service.kind !== "service" || isTargeted(policy))),
    tokens: inventory.routing.filter(
      ({ resource, services, gateways }) =>
        resource.kind === "RequestAuthentication" &&
        (services.includes(key) || (at !== undefined && gateways.includes(`${at.namespace}/${at.name}`))),
    ),
  };
}

const withAction = ({ policies }: Asked, action: string): readonly AuthorizationPolicyResource[] =>
  policies.filter(({ spec }) => (spec?.action ?? "ALLOW") === action);

/** Only what names targets is read at a waypoint; the rest is the agents' business. */
const isTargeted = ({ spec }: AuthorizationPolicyResource): boolean =>
  (spec?.targetRefs ?? []).length > 0 || spec?.targetRef !== undefined;

function passed(stage: Stage, asked: Asked): Step {
  switch (stage) {
    case "authorizer": {
      const custom = withAction(asked, "CUSTOM").length;
      return custom === 0
        ? { outcome: "skipped", text: "External authorizer: none is asked" }
        : {
            outcome: "passed",
            text: `External authorizer: ${count(custom, "policy asks", "policies ask")}, none refused`,
          };
    }
    case "token":
      return asked.tokens.length === 0
        ? { outcome: "skipped", text: "Token: none is read" }
        : { outcome: "passed", text: "Token: valid, or none was sent" };
    case "deny":
      return { outcome: "passed", text: `Deny policies: ${withAction(asked, "DENY").length} read, none matched` };
    case "allow":
    case "limit":
      return {
        outcome: "passed",
        text:
          withAction(asked, "ALLOW").length === 0
            ? "Allow policies: there are none, so everything else passes"
            : "Allow policies: one let it in",
      };
  }
}

function refused(stage: Stage, identity: DenialIdentity, asked: Asked): Step[] {
  const { reason, policy, rule, answer, attribute } = identity;
  const answered = answer === 0 ? "the connection was closed" : `answered ${answer}`;
  const failed = (text: string): Step => ({ outcome: "failed", text });
  switch (stage) {
    case "authorizer":
      return reason === "authorizer-unavailable"
        ? [
            failed(`External authorizer ${attribute}: it did not answer`),
            failed(`Denied, ${answered}: without its word nothing is let through`),
          ]
        : [failed(`External authorizer ${attribute}: it refused, asked by ${policy}`), failed(`Denied, ${answered}`)];
    case "token":
      return [failed(`Token: not valid for ${policy}`), failed(`Denied, ${answered}`)];
    case "deny":
      return [
        failed(`Deny policies: ${policy}${rule < 0 ? "" : `, rule ${rule + 1}`} matched`),
        failed(`Denied, ${answered}`),
      ];
    case "allow": {
      const allows = Math.max(1, withAction(asked, "ALLOW").length);
      return [
        failed(`Allow policies: ${allows} read, none matched`),
        failed(`Denied, ${answered}: ${count(allows, "Allow policy exists", "Allow policies exist")}, none let it in`),
      ];
    }
    case "limit":
      return [failed(`Rate limit: ${policy} is used up`), failed(`Refused, ${answered}`)];
  }
}
