/** Which headers, claims and issuers the requests of a service carried. Pure. */
import type { SeenName } from "@/mesh-runtime/api/seen-name.ts";
import type { ServiceRef } from "@/server/contracts/names.ts";
import type { TelemetryMemory } from "@/server/telemetry/memory.ts";

const namesMax = 100;

/** A name, and the share of the service's requests that carried it (0 to 1), estimated from those that were looked at. */
export interface NameShare {
  readonly name: string;
  readonly share: number;
}

export interface ServiceNames {
  /** Requests that were looked at. */
  readonly sampled: number;
  readonly headers: readonly NameShare[];
  readonly claims: readonly NameShare[];
  readonly issuers: readonly NameShare[];
}

export const noNames: ServiceNames = { sampled: 0, headers: [], claims: [], issuers: [] };

/** Names of all services over a span, by `<namespace>/<name>`; most frequent first. */
export function namesOf(
  memory: Pick<TelemetryMemory, "names">,
  startMs: number,
  endMs: number,
): ReadonlyMap<string, ServiceNames> {
  const found = [...memory.names.sum(startMs, endMs).values()];
  const byService = Map.groupBy(found, ({ identity }) => `${identity.serviceNamespace}/${identity.service}`);
  return new Map(
    [...byService].map(([id, names]) => {
      const sampled = names.find(({ identity }) => identity.kind === "requests")?.counts.count ?? 0;
      const of = (kind: SeenName["kind"]): NameShare[] =>
        names
          .filter(({ identity }) => identity.kind === kind)
          .sort((one, other) => other.counts.count - one.counts.count)
          .slice(0, namesMax)
          .map(({ identity, counts }) => ({
            name: identity.name,
            share: sampled === 0 ? 0 : Math.min(1, counts.count / sampled),
          }));
      return [id, { sampled, headers: of("header"), claims: of("claim"), issuers: of("issuer") }];
    }),
  );
}

/** The names of one service, nothing when none was seen. */
export const namesOfService = (
  names: ReadonlyMap<string, ServiceNames>,
  { namespace, name }: ServiceRef,
): ServiceNames => names.get(`${namespace}/${name}`) ?? noNames;
