import { awaitSync } from "@/server/cluster/await-sync.ts";
import { findingsQuery } from "@/server/contracts/findings.ts";
import { PortalError } from "@/server/errors.ts";
import { findingsIn, findingsOf } from "@/server/findings/findings.ts";
import { everyRole, type Route, route } from "@/server/http/route.ts";

const listedMax = 500;

export const findingRoutes: readonly Route[] = [
  route("GET", "/api/v1/findings", everyRole, {
    query: findingsQuery,
    async handle({ portal, query: { namespace, service } }) {
      if (service !== undefined && namespace === undefined) {
        throw new PortalError("invalid-input", "Name the namespace of the service too.", {
          fields: [{ path: "namespace", message: "Name the namespace" }],
        });
      }
      await awaitSync(portal.cluster);
      const inventory = portal.inventory.current;
      const { target } = portal.config;
      const overdue = await portal.changes.overdueEnds(Date.now());
      const found =
        service === undefined
          ? findingsIn({ inventory, target, overdue }, namespace)
          : findingsOf(inventory, [`${namespace}/${service}`], target, overdue);
      return { findings: found.slice(0, listedMax), total: found.length };
    },
  }),
];
