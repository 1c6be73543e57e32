import { whatIfRequest } from "@/server/contracts/what-if.ts";
import { everyRole, type Route, route } from "@/server/http/route.ts";
import { whatIf } from "@/server/what-if/what-if.ts";

export const whatIfRoutes: readonly Route[] = [
  // Asks and changes nothing; a question has too many parts for an address.
  route("POST", "/api/v1/what-if", everyRole, {
    body: whatIfRequest,
    handle: ({ portal, body }) => whatIf(portal, body),
  }),
];
