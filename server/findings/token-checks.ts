/** Rules for tokens that nobody applies, or that let everybody pass. Pure. */

import { at, type Check, giveAWaypoint, idOf, namespaceOf } from "./check.ts";
import { authorizationAsksForTokens } from "./token-askers.ts";

/** Selectors and whole namespaces do nothing in ambient but at ingress gateways; targets need a waypoint. */
export const tokenRules: Check = ({ inventory }) =>
  inventory.objects.requestAuthentications.flatMap((rule) => {
    const namespace = namespaceOf(rule);
    const { targetRefs = [], targetRef, selector } = rule.spec ?? {};
    const targets = [...targetRefs, ...(targetRef === undefined ? [] : [targetRef])];
    if (targets.length === 0) {
      const labels = Object.entries(selector?.matchLabels ?? {});
      const selected = inventory.services.filter(
        (service) =>
          service.namespace === namespace &&
          service.pods.some((pod) => labels.every(([name, value]) => pod.labels[name] === value)),
      );
      return selected.length > 0 && selected.every(({ kind }) => kind === "gateway")
        ? []
        : [
            at(
              "RequestAuthentication",
              rule,
              "policy-ignored",
              "It selects pods, and pods do not read tokens: it does nothing. Target the service instead.",
              {
                services: selected.map(idOf),
              },
            ),
          ];
    }
    return targets
      .filter(({ kind }) => kind === "Service")
      .flatMap(({ name }) => {
        const service = inventory.services.find((one) => one.namespace === namespace && one.name === name);
        const about = { services: [`${namespace}/${name}`] };
        if (service === undefined) {
          return [];
        }
        if (service.waypoint === undefined) {
          return [
            at(
              "RequestAuthentication",
              rule,
              "waypoint-missing",
              `Calls to ${name} pass no waypoint, so that nobody reads tokens there.`,
              { ...about, path: giveAWaypoint(namespace) },
            ),
          ];
        }
        return authorizationAsksForTokens(inventory, service)
          ? []
          : [
              at(
                "RequestAuthentication",
                rule,
                "token-rule-alone",
                `It verifies tokens for ${name}, and no rule asks for one: requests without a token pass.`,
                {
                  ...about,
                  path: {
                    slug: "require-sign-in",
                    title: `Require a signed-in user at ${name}`,
                    reason: "Refuses requests without a token",
                    values: { service: { namespace, name }, issuer: rule.spec?.jwtRules?.[0]?.issuer ?? "" },
                  },
                },
              ),
            ];
      });
  });
