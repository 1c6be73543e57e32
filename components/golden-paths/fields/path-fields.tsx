"use client";

import type { ComponentType } from "react";
import type { PathSlug } from "@/server/contracts/golden-paths/slug.ts";
import type { FieldsProps } from "../form/path-form.ts";
import { inForceOf, type PathForm, serviceOf } from "../form/path-form.ts";
import { AllowADestinationFields } from "./allow-a-destination-fields.tsx";
import { AskAnAuthorizerFields } from "./ask-an-authorizer-fields.tsx";
import { BlockACallerFields } from "./block-a-caller-fields.tsx";
import { CircuitBreakerFields } from "./circuit-breaker-fields.tsx";
import { ExposeToTheOutsideFields } from "./expose-to-the-outside-fields.tsx";
import { GiveAWaypointFields } from "./give-a-waypoint-fields.tsx";
import { JoinTheMeshFields } from "./join-the-mesh-fields.tsx";
import { KeepInRegionFields } from "./keep-in-region-fields.tsx";
import { LetACallerInFields } from "./let-a-caller-in-fields.tsx";
import { LockDownFields } from "./lock-down-fields.tsx";
import { MirrorTrafficFields } from "./mirror-traffic-fields.tsx";
import { PreferTheZoneFields } from "./prefer-the-zone-fields.tsx";
import { RateLimitFields } from "./rate-limit-fields.tsx";
import { ReleaseAVersionFields } from "./release-a-version-fields.tsx";
import { RequireMtlsFields } from "./require-mtls-fields.tsx";
import { RequireSignInFields } from "./require-sign-in-fields.tsx";
import { RetriesFields } from "./retries-fields.tsx";
import { TestWithFaultsFields } from "./test-with-faults-fields.tsx";
import { TimeoutsFields } from "./timeouts-fields.tsx";
import { WayField } from "./way-field.tsx";

const fieldsOf: { readonly [S in PathSlug]: ComponentType<FieldsProps<S>> } = {
  "join-the-mesh": JoinTheMeshFields,
  "require-mtls": RequireMtlsFields,
  "give-a-waypoint": GiveAWaypointFields,
  "lock-down": LockDownFields,
  "let-a-caller-in": LetACallerInFields,
  "block-a-caller": BlockACallerFields,
  "require-sign-in": RequireSignInFields,
  "ask-an-authorizer": AskAnAuthorizerFields,
  "expose-to-the-outside": ExposeToTheOutsideFields,
  "allow-a-destination": AllowADestinationFields,
  retries: RetriesFields,
  timeouts: TimeoutsFields,
  "circuit-breaker": CircuitBreakerFields,
  "rate-limit": RateLimitFields,
  "mirror-traffic": MirrorTrafficFields,
  "test-with-faults": TestWithFaultsFields,
  "prefer-the-zone": PreferTheZoneFields,
  "keep-in-region": KeepInRegionFields,
  "release-a-version": ReleaseAVersionFields,
};

/** The fields of a path: first what should happen, then what it asks. */
export function PathFields<S extends PathSlug>({ form }: FieldsProps<S>) {
  const Fields: ComponentType<FieldsProps<S>> = fieldsOf[form.slug];
  return (
    <>
      <WayField slug={form.slug} forward={form.forward} onChange={(forward) => changeWay(form, forward)} />
      <Fields form={form} />
    </>
  );
}

/** Taking back fills in the one thing that could be meant. */
function changeWay<S extends PathSlug>(form: PathForm<S>, forward: boolean): void {
  const { draft, options, slug } = form;
  const service = "service" in draft ? serviceOf(options, draft.service) : undefined;
  const [only, ...more] = inForceOf(slug, service);
  form.setForward(forward);
  if (!forward && only && more.length === 0) {
    form.fill(only.remove);
  }
}
