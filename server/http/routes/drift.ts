import { driftQuery, driftRequest } from "@/server/contracts/drift.ts";
import { listDrift, putBack, takeOver } from "@/server/drift/drift.ts";
import { everyRole, proposers, type Route, route } from "@/server/http/route.ts";
import { json } from "@/server/http/router.ts";

export const driftRoutes: readonly Route[] = [
  route("GET", "/api/v1/drift", everyRole, {
    query: driftQuery,
    handle: ({ portal, person, query }) => listDrift(portal, query, person),
  }),

  route("POST", "/api/v1/drift/put-back", proposers, {
    body: driftRequest,
    handle: async ({ portal, person, body, address }) =>
      json(await putBack(portal, body, { person, address }), { status: 202 }),
  }),

  route("POST", "/api/v1/drift/take-over", proposers, {
    body: driftRequest,
    handle: async ({ portal, person, body, address }) =>
      json(await takeOver(portal, body, { person, address }), { status: 202 }),
  }),
];
