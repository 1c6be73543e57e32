import * as z from "zod";
import { denialsQuery } from "@/server/contracts/denials.ts";
import { overviewQuery } from "@/server/contracts/overview.ts";
import { windowSeconds } from "@/server/contracts/traffic.ts";
import { denialList, deniedRequests } from "@/server/denials/denials.ts";
import { everyRole, type Route, route } from "@/server/http/route.ts";
import { meshState } from "@/server/mesh/mesh-state.ts";
import { overviewFor } from "@/server/overview/overview.ts";
import { serviceDetails } from "@/server/services/details.ts";
import { serviceList } from "@/server/services/summaries.ts";

const window = z.strictObject({ window: windowSeconds.default(300) });

export const serviceRoutes: readonly Route[] = [
  route("GET", "/api/v1/overview", everyRole, {
    query: overviewQuery,
    handle: ({ portal, person, query }) => overviewFor(portal, person, query),
  }),

  route("GET", "/api/v1/services", everyRole, {
    query: window,
    handle: ({ portal, person, query }) => serviceList(portal, person, query.window),
  }),

  route("GET", "/api/v1/services/:namespace/:name", everyRole, {
    query: window,
    handle: ({ portal, person, params, query }) =>
      serviceDetails(
        portal,
        person,
        { namespace: params["namespace"] ?? "", name: params["name"] ?? "" },
        query.window,
      ),
  }),

  route("GET", "/api/v1/denials", everyRole, {
    query: denialsQuery,
    handle: ({ portal, query }) => denialList(portal, query),
  }),

  route("GET", "/api/v1/denials/requests", everyRole, {
    query: denialsQuery,
    handle: ({ portal, query }) => deniedRequests(portal, query),
  }),

  route("GET", "/api/v1/mesh", everyRole, { handle: ({ portal }) => meshState(portal) }),
];
