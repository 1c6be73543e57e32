import type { WantedCondition } from "../conditions.ts";
import type { ServiceEntryInput } from "../input/service-entry.ts";
import { effective, ineffective, listed } from "../l7/effects/effect.ts";
import type { Binding } from "../waypoint/binding.ts";
import { entryProblem, isMeshHost, isWildcard } from "./service-entry-hosts.ts";

/** What the effect of an entry is read from. */
export interface EntryStanding {
  readonly binding: Binding | undefined;
  /** `<host>:<port>` that an older entry has at the same waypoint. */
  readonly taken: readonly string[];
}

/** Whether an entry does what it says; `undefined` where Istio's own condition says all. */
export function entryEffect(entry: ServiceEntryInput, { binding, taken }: EntryStanding): WantedCondition | undefined {
  const problem = entryProblem(entry);
  if (problem !== "") {
    return ineffective({ reason: "UnsupportedField", message: problem });
  }
  const inside = entry.hosts.filter(isMeshHost);
  if (inside.length > 0) {
    return ineffective({
      reason: "Invalid",
      message: `${listed(inside)}: names inside of the mesh belong to Services; name a host outside`,
    });
  }
  if (entry.ports.length === 0) {
    return ineffective({ reason: "Invalid", message: "no port is listed, so nothing can be called: list one" });
  }
  if (binding === undefined || binding.refusal !== undefined) {
    return undefined;
  }
  const wild = entry.hosts.filter(isWildcard);
  if (wild.length > 0) {
    return ineffective({
      reason: "UnsupportedField",
      message: `${listed(wild)}: a waypoint resolves each host by itself, calls to these are refused; name each host`,
    });
  }
  return taken.length > 0
    ? ineffective({
        reason: "Overridden",
        message: `an older ServiceEntry has ${listed(taken)} at waypoint ${binding.named}; its policies hold`,
      })
    : effective(`calls go through waypoint ${binding.named}`);
}
