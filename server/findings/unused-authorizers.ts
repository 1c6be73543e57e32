/** Authorizers that a path told the mesh of and that no rule asks any more. Pure. */
import { meshConfigPlace } from "@/server/golden-paths/ask-an-authorizer/mesh-config.ts";
import { intentsOfResource } from "@/server/golden-paths/from-manifest.ts";
import { at, type Check } from "./check.ts";

/** Only platform engineers may take them out: a team that stops asking leaves them behind. */
export const unusedAuthorizers: Check = ({ inventory }) => {
  const asked = new Set(
    inventory.authorizationPolicies.flatMap(({ spec }) => (spec?.action === "CUSTOM" ? [spec.provider?.name] : [])),
  );
  return inventory.objects.configMaps.flatMap((object) =>
    `ConfigMap ${object.metadata?.namespace}/${object.metadata?.name}` === meshConfigPlace
      ? intentsOfResource({ ...object, kind: "ConfigMap" }).flatMap((known) =>
          known.slug === "know-an-authorizer" && !asked.has(known.name)
            ? [
                at(
                  "ConfigMap",
                  object,
                  "rule-without-effect",
                  `The mesh knows the authorizer ${known.name}, and no rule asks it. Nothing is refused for it; the mesh can forget it.`,
                  {
                    level: "info",
                    path: {
                      slug: "ask-an-authorizer",
                      title: `Let the mesh forget ${known.name}`,
                      reason: "Takes it out of the mesh's configuration",
                      values: { service: known.at.service, authorizer: known.name, add: known.at, asked: false },
                    },
                  },
                ),
              ]
            : [],
        )
      : [],
  );
};
