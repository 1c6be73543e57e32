import type { ServiceLoadBalancing, Workload } from "../xds/model.ts";

type Scope = ServiceLoadBalancing["scopes"][number];

/**
 * The endpoints that agree with the caller in the most leading scopes (FAILOVER), or in all of them (STRICT; none when
 * nobody does). Without a known caller nothing is near: FAILOVER takes all, STRICT nobody.
 */
export function nearest(
  endpoints: readonly Workload[],
  caller: Workload | undefined,
  { mode, scopes }: ServiceLoadBalancing,
): readonly Workload[] {
  let best = mode === "STRICT" ? scopes.length : 0;
  let found: Workload[] = [];
  for (const endpoint of endpoints) {
    const agreed = caller === undefined ? 0 : agreement(endpoint, caller, scopes);
    if (agreed > best) {
      best = agreed;
      found = [];
    }
    if (agreed === best) {
      found.push(endpoint);
    }
  }
  return found;
}

/** How many scopes agree, counted up to the first that does not (ztunnel: the order is from wide to narrow). */
function agreement(endpoint: Workload, caller: Workload, scopes: readonly Scope[]): number {
  const differs = scopes.findIndex((scope) => read[scope](endpoint) !== read[scope](caller));
  return differs === -1 ? scopes.length : differs;
}

const read: Readonly<Record<Scope, (workload: Workload) => string>> = {
  // This mesh has one network.
  NETWORK: () => "",
  CLUSTER: ({ clusterId }) => clusterId,
  REGION: ({ locality }) => locality.region,
  ZONE: ({ locality }) => locality.zone,
  SUBZONE: ({ locality }) => locality.subzone,
  NODE: ({ node }) => node,
};
