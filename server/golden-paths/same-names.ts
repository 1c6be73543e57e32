import type { Finding } from "@/server/contracts/golden-paths.ts";
import { changeIntents, type IntentChange } from "./intent.ts";
import { isWholeOurs } from "./owned-part.ts";
import { finding, type PathContext } from "./path.ts";
import { renderParts } from "./render.ts";
import { type Rendered, refOf, resourceName } from "./resource.ts";

/** Objects that are rendered whole more than once, for different things. */
function sharedNames(resources: readonly Rendered[]): Set<string> {
  const whole = resources.filter(isWholeOurs).map((one) => resourceName(refOf(one)));
  const seen = new Set<string>();
  return new Set(whole.filter((name) => seen.size === seen.add(name).size));
}

/**
 * Names are made of those of services, versions and authorizers, so that two rules can come to one name: the service
 * `a-waypoint` has at its pods what `a` has at the waypoint. One would take the other's place, so it is refused.
 */
export function sameNameFindings(
  changes: readonly IntentChange[],
  { current, inventory }: Pick<PathContext, "current" | "inventory">,
): Finding[] {
  const after = sharedNames(renderParts(changeIntents(current, changes), inventory));
  const before = after.size === 0 ? after : sharedNames(renderParts(current, inventory));
  return [...after]
    .filter((place) => !before.has(place))
    .map((place) =>
      finding(
        "error",
        "managed-elsewhere",
        "",
        `${place} would have to stand for two things at once, because of how their names begin. Give one of them another name.`,
        { place },
      ),
    );
}
