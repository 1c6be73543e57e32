import type * as z from "zod";
import { askAnAuthorizerForm, blockACallerForm, letACallerInForm, requireSignInForm } from "./access.ts";
import { allowADestinationForm, exposeToTheOutsideForm } from "./edges.ts";
import { keepInRegionForm, preferTheZoneForm } from "./places.ts";
import { releaseAVersionForm } from "./release.ts";
import {
  circuitBreakerForm,
  mirrorTrafficForm,
  rateLimitForm,
  retriesForm,
  testWithFaultsForm,
  timeoutsForm,
} from "./resilience.ts";
import { giveAWaypointForm, joinTheMeshForm, lockDownForm, requireMtlsForm } from "./scoped.ts";
import type { PathSlug } from "./slug.ts";

/** The form of each path. */
export const pathForms = {
  "join-the-mesh": joinTheMeshForm,
  "require-mtls": requireMtlsForm,
  "give-a-waypoint": giveAWaypointForm,
  "lock-down": lockDownForm,
  "let-a-caller-in": letACallerInForm,
  "block-a-caller": blockACallerForm,
  "require-sign-in": requireSignInForm,
  "ask-an-authorizer": askAnAuthorizerForm,
  "expose-to-the-outside": exposeToTheOutsideForm,
  "allow-a-destination": allowADestinationForm,
  retries: retriesForm,
  timeouts: timeoutsForm,
  "circuit-breaker": circuitBreakerForm,
  "rate-limit": rateLimitForm,
  "mirror-traffic": mirrorTrafficForm,
  "test-with-faults": testWithFaultsForm,
  "prefer-the-zone": preferTheZoneForm,
  "keep-in-region": keepInRegionForm,
  "release-a-version": releaseAVersionForm,
} as const satisfies Record<PathSlug, z.ZodType>;

/** What each form holds when it is complete. */
export type PathFormValues = { readonly [S in PathSlug]: z.infer<(typeof pathForms)[S]> };

/** Whether a form sets its rule (true) or takes it back. The field has a name of its own in each of the older forms. */
export const forwardField: Readonly<Record<PathSlug, string>> = {
  "join-the-mesh": "enrolled",
  "require-mtls": "required",
  "give-a-waypoint": "given",
  "lock-down": "locked",
  "let-a-caller-in": "allowed",
  "block-a-caller": "blocked",
  "require-sign-in": "required",
  "ask-an-authorizer": "asked",
  "expose-to-the-outside": "exposed",
  "allow-a-destination": "allowed",
  retries: "enabled",
  timeouts: "enabled",
  "circuit-breaker": "enabled",
  "rate-limit": "enabled",
  "mirror-traffic": "enabled",
  "test-with-faults": "enabled",
  "prefer-the-zone": "enabled",
  "keep-in-region": "enabled",
  "release-a-version": "enabled",
};
