import type { ServiceRef } from "@/server/contracts/names.ts";
import type { Surroundings } from "../surroundings.ts";

interface TargetRef {
  readonly group: "";
  readonly kind: "Service";
  readonly name: string;
}

/**
 * What a policy at the waypoint is for: the Service, and the Services of its versions that routes send to, since a call
 * to one of them by name would pass by what is said of the Service alone (`resources.md` §5, §10).
 */
export const targetsOf = (ref: ServiceRef, surroundings: Surroundings): TargetRef[] =>
  [ref.name, ...surroundings.versionServicesOf(ref).map(({ name }) => name)].map((name) => ({
    group: "",
    kind: "Service",
    name,
  }));
