import type { PathFormValues } from "@/server/contracts/golden-paths/forms.ts";
import type { PathSlug } from "@/server/contracts/golden-paths/slug.ts";
import type { Finding } from "@/server/contracts/golden-paths.ts";
import { allowADestination } from "./allow-a-destination/path.ts";
import { askAnAuthorizer } from "./ask-an-authorizer/path.ts";
import { blockACaller } from "./block-a-caller/path.ts";
import { circuitBreaker } from "./circuit-breaker/path.ts";
import { exposeToTheOutside } from "./expose-to-the-outside/path.ts";
import { giveAWaypoint } from "./give-a-waypoint/path.ts";
import { joinTheMesh } from "./join-the-mesh/path.ts";
import { keepInRegion } from "./keep-in-region/path.ts";
import { letACallerIn } from "./let-a-caller-in/path.ts";
import { lockDown } from "./lock-down/path.ts";
import { mirrorTraffic } from "./mirror-traffic/path.ts";
import type { GoldenPath, PathContext, PathPlan, Refilled } from "./path.ts";
import { preferTheZone } from "./prefer-the-zone/path.ts";
import type { Probe } from "./probe.ts";
import { rateLimit } from "./rate-limit/path.ts";
import { releaseAVersion } from "./release-a-version/path.ts";
import { requireMtls } from "./require-mtls/path.ts";
import { requireSignIn } from "./require-sign-in/path.ts";
import { retries } from "./retries/path.ts";
import { sameNameFindings } from "./same-names.ts";
import { testWithFaults } from "./test-with-faults/path.ts";
import { timeouts } from "./timeouts/path.ts";

/** Every golden path. To add one: a folder with `path.ts` and its generator, a line here and in `render.ts`. */
export const goldenPaths: { readonly [S in PathSlug]?: GoldenPath<S> } = {
  "join-the-mesh": joinTheMesh,
  "require-mtls": requireMtls,
  "give-a-waypoint": giveAWaypoint,
  "lock-down": lockDown,
  "let-a-caller-in": letACallerIn,
  "block-a-caller": blockACaller,
  "require-sign-in": requireSignIn,
  "ask-an-authorizer": askAnAuthorizer,
  "expose-to-the-outside": exposeToTheOutside,
  "allow-a-destination": allowADestination,
  retries,
  timeouts,
  "circuit-breaker": circuitBreaker,
  "rate-limit": rateLimit,
  "mirror-traffic": mirrorTraffic,
  "test-with-faults": testWithFaults,
  "prefer-the-zone": preferTheZone,
  "keep-in-region": keepInRegion,
  "release-a-version": releaseAVersion,
};

/** Throws RangeError for a path that there is not. */
export function goldenPath<S extends PathSlug>(slug: S): GoldenPath<S> {
  const path: GoldenPath<S> | undefined = goldenPaths[slug];
  if (path === undefined) {
    throw new RangeError(`there is no golden path ${slug}`);
  }
  return path;
}

export interface FilledIn {
  readonly plan: PathPlan;
  readonly sentence: string;
  readonly title: string;
  readonly confirmWord: string;
  readonly findings: readonly Finding[];
  readonly probes: readonly Probe[];
  button(effect: { readonly callersCutOff: number; readonly changed: number }): string;
}

/** Everything a path says about a filled-in form. */
export function fillIn<S extends PathSlug>(slug: S, form: PathFormValues[S], context: PathContext): FilledIn {
  const path = goldenPath(slug);
  const plan = path.plan(form, context);
  return {
    plan,
    sentence: path.explain(form, context),
    title: path.changeTitle(form),
    confirmWord: path.confirmWord(form),
    findings: [...path.findings(form, context), ...sameNameFindings(plan.changes, context)],
    probes: path.probes(form, context),
    button: (effect) => path.button(form, effect),
  };
}

/** What is in force, with the form that made it, by intent key. Intents that no form fills are left out. */
export function refillAll(context: PathContext): Map<string, Refilled<PathSlug> & { readonly slug: PathSlug }> {
  const refilled = new Map<string, Refilled<PathSlug> & { readonly slug: PathSlug }>();
  for (const [key, intent] of context.current) {
    for (const path of Object.values(goldenPaths)) {
      const form = path.refill(intent, context);
      if (form !== undefined) {
        refilled.set(key, { ...form, slug: path.slug });
      }
    }
  }
  return refilled;
}
