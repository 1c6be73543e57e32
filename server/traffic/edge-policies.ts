/** Which policies decide on an edge: refusals as observed, permissions as the engine computes them. Pure. */
import type { PolicyVerdict } from "@/server/contracts/traffic.ts";
import { apiVersions } from "@/server/golden-paths/resource.ts";
import { Judge } from "@/server/impact/judge.ts";
import { findService, type Inventory, waypointOf } from "@/server/inventory/model.ts";
import { gatewayOf } from "@/server/policies/applied.ts";
import type { DenialCounts, DenialIdentity } from "@/server/telemetry/records.ts";
import type { EdgeFigures, EdgeTotals } from "./graph/edge-totals.ts";

export interface EdgePolicyInput {
  readonly edge: EdgeTotals;
  readonly figures: EdgeFigures;
  readonly denials: readonly { readonly identity: DenialIdentity; readonly counts: DenialCounts }[];
  readonly inventory: Inventory;
  readonly trustDomain: string;
  /** What was asked, most frequent first. */
  readonly paths: readonly { readonly port: number; readonly method: string; readonly path: string }[];
}

export function edgePolicies(input: EdgePolicyInput): PolicyVerdict[] {
  return [...allowing(input), ...refusing(input)];
}

function refusing({ denials, inventory }: EdgePolicyInput): PolicyVerdict[] {
  const verdicts = new Map<string, PolicyVerdict>();
  for (const { identity, counts } of denials) {
    const [namespace, name] = identity.policy.split("/");
    if (namespace === undefined || name === undefined) {
      continue;
    }
    const key = `${identity.policy} ${identity.hop} ${identity.rule}`;
    const known = verdicts.get(key);
    const live = inventory.authorizationPolicies.find(
      ({ metadata }) => metadata.namespace === namespace && metadata.name === name,
    );
    verdicts.set(key, {
      policy: { apiVersion: apiVersions.AuthorizationPolicy, kind: "AuthorizationPolicy", namespace, name },
      action: live === undefined || live.spec?.action === "DENY" ? "DENY" : "ALLOW",
      verdict: "denied",
      rule: identity.rule,
      hop: identity.hop,
      node: known !== undefined && known.node !== identity.node ? "" : identity.node,
      count: (known?.count ?? 0) + counts.count,
      basis: "observed",
    });
  }
  return [...verdicts.values()];
}

function allowing({ edge, figures, inventory, trustDomain, paths }: EdgePolicyInput): PolicyVerdict[] {
  const service = findService(inventory, edge.to);
  const pod = service?.pods[0];
  if (service === undefined || pod === undefined || figures.count === 0) {
    return [];
  }
  const judge = new Judge(inventory, trustDomain);
  const source = findService(inventory, edge.from)?.pods[0];
  const gateway = gatewayOf(inventory, service);
  const waypoint = waypointOf(inventory, service);
  const asked = paths[0] ?? { port: service.ports[0]?.targetPort ?? 0, method: "", path: "" };
  const { verdict, policy, rule } =
    gateway !== undefined
      ? judge.atGateway(gateway, pod, "", "")
      : waypoint !== undefined
        ? judge.throughWaypoint(source, waypoint, service, pod, asked)
        : judge.connection(source, pod, asked.port);
  const [namespace, name] = policy.split("/");
  if (verdict !== "allowed" || namespace === undefined || name === undefined) {
    return [];
  }
  const nodes = new Set(service.pods.map(({ node }) => node));
  return [
    {
      policy: { apiVersion: apiVersions.AuthorizationPolicy, kind: "AuthorizationPolicy", namespace, name },
      action: "ALLOW",
      verdict: "allowed",
      rule,
      hop: gateway !== undefined ? "gateway" : waypoint === undefined ? "agent" : "waypoint",
      node: nodes.size === 1 ? pod.node : "",
      count: figures.count,
      basis: "computed",
    },
  ];
}
