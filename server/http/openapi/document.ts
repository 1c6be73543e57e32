/** The API of releases, bundles and tokens as an OpenAPI 3.1 document, from the routes and the contracts. Pure. */
import { STATUS_CODES } from "node:http";
import { tokenScope } from "@/server/contracts/api-tokens.ts";
import { type ProblemCode, problemStatus } from "@/server/contracts/errors.ts";
import type { Route } from "../route.ts";
import { type Operation, operations } from "./operations.ts";
import { answerRef, componentSchemas, queryParameters, requestRef } from "./schemas.ts";

interface Facts {
  /** Version of the portal. */
  readonly version: string;
  /** Name of the session's cookie. */
  readonly cookie: string;
}

const everywhere: readonly ProblemCode[] = [
  ...(["unauthenticated", "forbidden", "token-scope", "database-unavailable", "starting", "internal"] as const),
];
const ofBodies: readonly ProblemCode[] = ["invalid-input", "too-large"];

export function openApiDocument(routes: readonly Route[], { version, cookie }: Facts): Record<string, unknown> {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const route of routes) {
    const operation = operations[`${route.method} ${route.path}`];
    if (operation === undefined) {
      throw new Error(`${route.method} ${route.path} has no words in operations.ts`);
    }
    const path = route.path.replaceAll(/:(\w+)/g, "{$1}");
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operationObject(route, operation) };
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "Towpath: releases",
      version,
      description:
        "Start, watch and steer releases from a pipeline. Times are milliseconds since the epoch. Every failure is a problem document (RFC 9457) whose `code` is one of a closed list and whose `detail` says what to do next.",
      license: { name: "Apache-2.0", identifier: "Apache-2.0" },
    },
    servers: [{ url: "/" }],
    tags: [
      { name: "releases", description: "A version on its way to all calls of a service" },
      { name: "bundles", description: "Releases of several services that belong together" },
      { name: "tokens", description: "Secrets for programs; made and ended by people who are signed in" },
    ],
    paths,
    components: {
      schemas: componentSchemas(),
      securitySchemes: {
        token: {
          type: "http",
          scheme: "bearer",
          description: `A token of the page API tokens, with the scopes that each operation names: ${tokenScope.options.join(", ")}. It acts as the person who made it.`,
        },
        session: { type: "apiKey", in: "cookie", name: cookie, description: "Somebody who is signed in" },
      },
    },
  };
}

function operationObject(route: Route, { id, tag, summary, status, answer, also, codes, example }: Operation): object {
  const all = [...everywhere, ...(route.body === undefined && route.query === undefined ? [] : ofBodies), ...codes];
  const parameters = [
    ...[...route.path.matchAll(/:(\w+)/g)].map(([, name]) => ({
      ...{ name, in: "path", required: true, schema: { type: "string" } },
    })),
    ...(route.query === undefined ? [] : queryParameters(route.query).map((one) => ({ ...one, in: "query" }))),
  ];
  const content = {
    ...(answer === undefined ? {} : { "application/json": { schema: answerRef(answer) } }),
    ...Object.fromEntries(
      Object.entries(also ?? {}).map(([type, description]) => [type, { schema: { type: "string", description } }]),
    ),
  };
  return {
    operationId: id,
    tags: [tag],
    summary,
    security: [...(route.scope === undefined ? [] : [{ token: [route.scope] }]), { session: [] }],
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(route.body === undefined
      ? {}
      : {
          requestBody: {
            required: true,
            content: {
              "application/json": {
                schema: requestRef(route.body),
                ...(example === undefined ? {} : { example }),
              },
            },
          },
        }),
    responses: {
      [status]: {
        description: STATUS_CODES[status] ?? "",
        ...(Object.keys(content).length === 0 ? {} : { content }),
      },
      ...problemResponses(all, route.method !== "GET"),
    },
  };
}

/** One response for each status, which names its codes. */
function problemResponses(codes: readonly ProblemCode[], mutates: boolean): Record<string, object> {
  const all = [...new Set(mutates ? [...codes, "wrong-origin" as const] : codes)];
  const statuses = [...new Set(all.map((code) => problemStatus[code]))].sort((a, b) => a - b);
  return Object.fromEntries(
    statuses.map((status) => {
      const own = all.filter((code) => problemStatus[code] === status);
      return [
        String(status),
        {
          description: `${STATUS_CODES[status] ?? ""}: ${own.join(", ")}`,
          content: {
            "application/problem+json": {
              schema: { ...answerRef("Problem"), properties: { code: { enum: own }, status: { const: status } } },
            },
          },
        },
      ];
    }),
  );
}
