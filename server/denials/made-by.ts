/** Which golden paths, as they are filled in now, stand behind a policy. Pure. */
import type { KubeObject } from "@/mesh-runtime/api/meta.ts";
import type { ResourceRef } from "@/server/contracts/names.ts";
import type { InForceIntent } from "@/server/golden-path-pages/in-force.ts";
import { intentsOfResource } from "@/server/golden-paths/from-manifest.ts";
import { intentKey } from "@/server/golden-paths/intent.ts";
import { managedByLabel, managedByTowpath } from "@/server/inventory/labels.ts";
import type { Inventory } from "@/server/inventory/model.ts";

export interface Makers {
  /** A golden path wrote the policy: whoever changed it by hand would be told of drift. */
  readonly ours: boolean;
  readonly intents: readonly InForceIntent[];
}

const byHand: Makers = { ours: false, intents: [] };

/** Of a policy that is gone, or that somebody wrote by hand: nobody. */
export function makersOf(
  policy: ResourceRef | null,
  { objects }: Pick<Inventory, "objects">,
  inForce: readonly InForceIntent[],
): Makers {
  const live = policy === null ? undefined : find(policy, objects);
  if (live?.metadata?.labels?.[managedByLabel] !== managedByTowpath) {
    return byHand;
  }
  const told = new Set(intentsOfResource(live).map(intentKey));
  return { ours: true, intents: inForce.filter(({ entry }) => told.has(entry.key)) };
}

function find(
  { kind, namespace, name }: ResourceRef,
  { authorizationPolicies, requestAuthentications, rateLimitPolicies }: Inventory["objects"],
): KubeObject | undefined {
  const byKind: Readonly<Record<string, readonly Pick<KubeObject, "metadata">[]>> = {
    // The policy engine reads fewer fields than there are.
    AuthorizationPolicy: authorizationPolicies as readonly Pick<KubeObject, "metadata">[],
    RequestAuthentication: requestAuthentications,
    RateLimitPolicy: rateLimitPolicies,
  };
  const found = byKind[kind]?.find(({ metadata }) => metadata?.namespace === namespace && metadata.name === name);
  return found === undefined ? undefined : { kind, metadata: found.metadata };
}
