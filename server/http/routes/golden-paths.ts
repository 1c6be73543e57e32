import { type PathFormValues, pathForms } from "@/server/contracts/golden-paths/forms.ts";
import { type PathSlug, pathSlug } from "@/server/contracts/golden-paths/slug.ts";
import { applyRequest, previewRequest } from "@/server/contracts/golden-paths.ts";
import { PortalError } from "@/server/errors.ts";
import { goldenPathListFor } from "@/server/golden-path-pages/list.ts";
import { goldenPathOptionsFor } from "@/server/golden-path-pages/options.ts";
import { check } from "@/server/http/body.ts";
import { everyRole, proposers, type Route, route } from "@/server/http/route.ts";
import { json } from "@/server/http/router.ts";

function slugOf(params: Readonly<Record<string, string>>): PathSlug {
  const parsed = pathSlug.safeParse(params["slug"]);
  if (!parsed.success) {
    throw new PortalError("not-found", "There is no such golden path. The list of golden paths has them all.");
  }
  return parsed.data;
}

/** The form of a path, checked whole on the server again. Field names are those of the form. */
const parseForm = <S extends PathSlug>(slug: S, values: unknown): PathFormValues[S] =>
  // Each entry of `pathForms` parses to the type of the same key in `PathFormValues`.
  check<unknown>(pathForms[slug], values) as PathFormValues[S];

export const goldenPathRoutes: readonly Route[] = [
  route("GET", "/api/v1/golden-paths", everyRole, {
    handle: ({ portal, person }) => goldenPathListFor(portal, person),
  }),

  route("GET", "/api/v1/golden-paths/:slug/options", everyRole, {
    handle: ({ portal, person, params }) => goldenPathOptionsFor(portal, person, slugOf(params)),
  }),

  route("POST", "/api/v1/golden-paths/:slug/preview", proposers, {
    body: previewRequest,
    handle({ portal, person, params, body }) {
      const slug = slugOf(params);
      return portal.changes.preview(slug, parseForm(slug, body.values), person, body.windowSeconds);
    },
  }),

  route("POST", "/api/v1/golden-paths/:slug/apply", proposers, {
    body: applyRequest,
    async handle({ portal, person, params, body, address }) {
      const slug = slugOf(params);
      const change = await portal.changes.apply(slug, parseForm(slug, body.values), body, { person, address });
      return json(change, { status: 202 });
    },
  }),
];
