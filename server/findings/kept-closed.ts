/** Services that nobody may call since the access of their last caller ended by itself. Pure. */
import type { KubeObject } from "@/mesh-runtime/api/meta.ts";
import { intentsOfResource } from "@/server/golden-paths/from-manifest.ts";
import { findService } from "@/server/inventory/model.ts";
import { deniesAll, isDryRun } from "@/server/policies/applied.ts";
import { at, type Check, idOf } from "./check.ts";

/** It is meant so, and it can be a surprise: nobody decided that the service be closed. */
export const keptClosed: Check = ({ inventory }) =>
  inventory.authorizationPolicies.filter(deniesAll).flatMap((policy) => {
    const object: KubeObject = { ...(policy as KubeObject), kind: "AuthorizationPolicy" };
    const told = isDryRun(policy) ? [] : intentsOfResource(object);
    return told.flatMap((one) => {
      if (one.slug !== "keep-closed" || told.length > 1) {
        return [];
      }
      const { service } = one;
      const ports = findService(inventory, service)?.ports.map(({ port }) => port) ?? [];
      return [
        at(
          "AuthorizationPolicy",
          object,
          "kept-closed",
          `The last access to ${service.name} ended by itself: nobody is let in any more, until somebody is. An end opens nothing.`,
          {
            level: "info",
            services: [idOf(service)],
            path: {
              slug: "let-a-caller-in",
              title: `Let a caller in to ${service.name}`,
              reason: "It is open for those who are let in, and closed no longer",
              values: { service, ports, allowed: true },
            },
          },
        ),
      ];
    });
  });
