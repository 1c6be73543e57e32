import { guardrailsRequest } from "@/server/contracts/guardrails.ts";
import { viewGuardrails, writeGuardrails } from "@/server/guardrails/guardrails.ts";
import { everyRole, type Route, route } from "@/server/http/route.ts";

export const guardrailRoutes: readonly Route[] = [
  route("GET", "/api/v1/settings/guardrails", everyRole, {
    handle: ({ portal, person }) => viewGuardrails(portal.db, person),
  }),

  route("PUT", "/api/v1/settings/guardrails", ["platform"], {
    body: guardrailsRequest,
    handle: ({ portal, person, body, address }) => writeGuardrails(portal.db, body, person, portal.audit, address),
  }),
];
