import { serviceAccesses } from "../access/service-access.ts";
import { targetsOf } from "../access/targets.ts";
import { type IntentOf, intentsOf } from "../intent.ts";
import { managed, type Rendered } from "../resource.ts";
import type { Surroundings } from "../surroundings.ts";
import { meshConfigWith } from "./mesh-config.ts";

/**
 * `<service>-asks-<authorizer>`: the waypoint asks before anything else is decided, and refuses when nobody answers
 * (`resources.md` §8). Authorizers that the mesh shall know are written into its configuration.
 */
export const generateAuthorizers = (surroundings: Surroundings): Rendered[] => [
  ...meshConfigWith(intentsOf(surroundings.intents, "know-an-authorizer"), surroundings.inventory),
  ...serviceAccesses(surroundings).flatMap(({ ref, authorizers }) =>
    authorizers.map((intent) =>
      managed("AuthorizationPolicy", ref.namespace, `${ref.name}-asks-${intent.authorizer}`, [intent], {
        targetRefs: targetsOf(ref, surroundings),
        action: "CUSTOM",
        provider: { name: intent.authorizer },
        rules: [ruleOf(intent)],
      }),
    ),
  ),
];

function ruleOf({ methods, paths, exceptPaths }: IntentOf<"ask-an-authorizer">): object {
  const operation = {
    ...(methods.length === 0 ? {} : { methods: [...new Set(methods)] }),
    ...(paths.length === 0 ? {} : { paths: [...new Set(paths)] }),
    ...(exceptPaths.length === 0 ? {} : { notPaths: [...new Set(exceptPaths)] }),
  };
  return Object.keys(operation).length === 0 ? {} : { to: [{ operation }] };
}
