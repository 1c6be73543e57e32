import { tryRequest } from "@/server/contracts/try-it.ts";
import { everyRole, proposers, type Route, route } from "@/server/http/route.ts";
import { tryOptionsFor } from "@/server/try-it/options.ts";
import { tryIt } from "@/server/try-it/try-it.ts";

export const tryRoutes: readonly Route[] = [
  route("GET", "/api/v1/try", everyRole, { handle: ({ portal, person }) => tryOptionsFor(portal, person) }),

  route("POST", "/api/v1/try", proposers, {
    body: tryRequest,
    handle: ({ portal, person, body, address, request }) => tryIt(portal, body, person, address, request.signal),
  }),
];
