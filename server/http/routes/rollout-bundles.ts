import { type BundleList, bundleAbortRequest, bundleRequest } from "@/server/contracts/rollout-bundles.ts";
import { everyRole, proposers, type Route, route } from "@/server/http/route.ts";
import { json } from "@/server/http/router.ts";

export const rolloutBundleRoutes: readonly Route[] = [
  route("GET", "/api/v1/rollout-bundles", everyRole, {
    scope: "rollouts:read",
    async handle({ portal, person }): Promise<BundleList> {
      return { bundles: await portal.rollouts.bundles(person) };
    },
  }),

  route("POST", "/api/v1/rollout-bundles", proposers, {
    scope: "rollouts:start",
    body: bundleRequest,
    async handle({ portal, person, body, address }) {
      return json(await portal.rollouts.startBundle(body, { person, address }), { status: 201 });
    },
  }),

  route("GET", "/api/v1/rollout-bundles/:id", everyRole, {
    scope: "rollouts:read",
    handle: ({ portal, person, params }) => portal.rollouts.bundle(params["id"] ?? "", person),
  }),

  route("POST", "/api/v1/rollout-bundles/:id/abort", proposers, {
    scope: "rollouts:control",
    body: bundleAbortRequest,
    async handle({ portal, person, params, body, address }) {
      const bundle = await portal.rollouts.abortBundle(params["id"] ?? "", body.reason, { person, address });
      return json(bundle, { status: 202 });
    },
  }),
];
