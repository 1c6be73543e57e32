import { cookieName } from "@/server/http/cookies.ts";
import { openApiDocument } from "@/server/http/openapi/document.ts";
import { everyRole, type Route, route } from "@/server/http/route.ts";

/** The document over `described`. */
export const openApiRoutes = (described: readonly Route[]): readonly Route[] => [
  route("GET", "/api/v1/openapi.json", everyRole, {
    scope: "rollouts:read",
    handle: ({ portal: { config } }) =>
      openApiDocument(described, { version: config.version, cookie: cookieName(config) }),
  }),
];
