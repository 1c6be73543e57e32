import { rolloutSpec } from "@/server/contracts/rollout-spec.ts";
import {
  actionRequest,
  type RolloutAction,
  type RolloutDetails,
  reportQuery,
  rolloutAction,
  rolloutOptionsQuery,
  rolloutsQuery,
  seriesQuery,
  startRequest,
} from "@/server/contracts/rollouts.ts";
import { everyRole, proposers, type Route, route } from "@/server/http/route.ts";
import { json } from "@/server/http/router.ts";
import { reportOf } from "@/server/rollouts/report/report.ts";
import { streamRollout } from "./rollout-stream.ts";

const idOf = (params: Readonly<Record<string, string>>): string => params["id"] ?? "";

/** Whose release it is beyond that is asked by `portal.rollouts`. */
const actionRoute = (action: RolloutAction): Route =>
  route("POST", `/api/v1/rollouts/:id/${action}`, proposers, {
    // Tried again, it is a release of its own.
    scope: action === "retry" ? "rollouts:start" : "rollouts:control",
    body: actionRequest,
    async handle({ portal, person, params, body, address }) {
      return json(await portal.rollouts.act(idOf(params), action, body, { person, address }), { status: 202 });
    },
  });

export const rolloutRoutes: readonly Route[] = [
  route("GET", "/api/v1/rollouts", everyRole, {
    scope: "rollouts:read",
    query: rolloutsQuery,
    handle: ({ portal, person, query }) => portal.rollouts.list(query, person),
  }),

  // Before those with an id: the first that fits is taken.
  route("GET", "/api/v1/rollouts/options", everyRole, {
    scope: "rollouts:read",
    query: rolloutOptionsQuery,
    handle: ({ portal, person, query: { namespace, service } }) =>
      portal.rollouts.options(
        { ...(namespace === undefined ? {} : { namespace }), ...(service === undefined ? {} : { name: service }) },
        person,
      ),
  }),

  route("POST", "/api/v1/rollouts/preview", proposers, {
    scope: "rollouts:start",
    body: rolloutSpec,
    handle: ({ portal, person, body }) => portal.rollouts.preview(body, person),
  }),

  route("POST", "/api/v1/rollouts", proposers, {
    scope: "rollouts:start",
    body: startRequest,
    async handle({ portal, person, body, address }) {
      return json(await portal.rollouts.start(body, { person, address }), { status: 201 });
    },
  }),

  route("GET", "/api/v1/rollouts/:id", everyRole, {
    scope: "rollouts:read",
    handle: ({ portal, person, params }) => portal.rollouts.details(idOf(params), person),
  }),

  route("GET", "/api/v1/rollouts/:id/stream", everyRole, {
    scope: "rollouts:read",
    async handle({ portal, person, params, request }) {
      const id = idOf(params);
      // A wrong id is answered as a problem, not as a stream.
      await portal.rollouts.details(id, person);
      return streamRollout(portal.rollouts, id, person, request);
    },
  }),

  route("GET", "/api/v1/rollouts/:id/series", everyRole, {
    scope: "rollouts:read",
    query: seriesQuery,
    handle: ({ portal, params, query }) => portal.rollouts.series(idOf(params), query.seconds),
  }),

  route("GET", "/api/v1/rollouts/:id/report", everyRole, {
    scope: "rollouts:read",
    query: reportQuery,
    async handle({ portal, person, params, query }) {
      const report = await portal.rollouts.report(idOf(params), person);
      return query.format === "json"
        ? json(report, { headers: { "content-disposition": asFile(report, "json") } })
        : new Response(reportOf(report), {
            headers: {
              "content-type": "text/markdown; charset=utf-8",
              "content-disposition": asFile(report, "md"),
              "cache-control": "no-store",
              // What a person wrote as a reason is never read as a page.
              "x-content-type-options": "nosniff",
            },
          });
    },
  }),

  route("POST", "/api/v1/rollouts/:id/chain-check", proposers, {
    scope: "rollouts:control",
    handle: ({ portal, person, params, address }) => portal.rollouts.checkChain(idOf(params), { person, address }),
  }),

  ...rolloutAction.options.map(actionRoute),
];

/** Names of services and versions have letters, digits and dashes only. */
const asFile = ({ number, service, canary }: RolloutDetails, ending: string): string =>
  `attachment; filename="release-${number}-${service.name}-${canary}.${ending}"`;
