/** Shares as a form and as an intent, and what a version gets by them. Pure. */
import type { ReleaseAVersionForm } from "@/server/contracts/golden-paths/release.ts";
import type { ServiceRef } from "@/server/contracts/names.ts";
import type { RolloutSpec } from "@/server/contracts/rollout-spec.ts";
import { type IntentOf, type IntentSet, intent } from "@/server/golden-paths/intent.ts";
import { canonical } from "@/server/golden-paths/resource.ts";
import { guardShares, stepShares } from "../machine/shares.ts";
import type { Shares } from "../ports.ts";

export type SharesIntent = IntentOf<"release-a-version">;

export const formOf = (service: ServiceRef, shares: Shares): ReleaseAVersionForm => ({
  service,
  ...shares,
  enabled: true,
});

export const intentOf = (service: ServiceRef, shares: Shares): SharesIntent => ({
  slug: "release-a-version",
  service,
  ...shares,
});

const sharesOf = ({ slug: _slug, service: _service, ...shares }: SharesIntent): Shares => shares;

export const keyOf = ({ namespace, name }: ServiceRef): string => `release-a-version/${namespace}/${name}`;

/** The shares that a set has for the service. */
export function sharesIn(set: IntentSet, service: ServiceRef): Shares | undefined {
  const found = set.get(keyOf(service));
  return found?.slug === "release-a-version" ? sharesOf(found) : undefined;
}

/** Whatever order or defaults the database kept them with. */
export const sameShares = (service: ServiceRef, one: Shares | undefined, other: Shares | undefined): boolean =>
  one === undefined || other === undefined
    ? one === other
    : canonical(intent.parse(intentOf(service, one))) === canonical(intent.parse(intentOf(service, other)));

/** Percentage of the calls that a version answers. */
export const shareOf = ({ stable, canary, weight }: Shares, version: string): number => {
  const toCanary = canary === null ? 0 : weight;
  return version === canary ? toCanary : version === stable ? 100 - toCanary : 0;
};

const copiesTo = ({ canary, mirror }: Shares, version: string): number => (canary === version ? mirror : 0);
const matchesTo = ({ canary, match }: Shares, version: string): string[] =>
  canary === version ? match.map((one) => canonical(one)) : [];
const previewOf = ({ canary, preview }: Shares, version: string): string =>
  canary === version && preview !== null ? canonical(preview) : "";

/** Whether a version gets nothing by `wanted` that it does not get by `now`: no call, copy, match or host more. */
export function givesNoMore(wanted: Shares, now: Shares, version: string): boolean {
  // Who gets all of the calls gets those that match too.
  const all = shareOf(now, version) === 100;
  const known = matchesTo(now, version);
  const preview = previewOf(wanted, version);
  return (
    shareOf(wanted, version) <= shareOf(now, version) &&
    (all || copiesTo(wanted, version) <= copiesTo(now, version)) &&
    (all || matchesTo(wanted, version).every((one) => known.includes(one))) &&
    (preview === "" || preview === previewOf(now, version))
  );
}

/** Of what is given up the version gets nothing at all. */
export const nothingFor = (wanted: Shares, version: string): boolean =>
  shareOf(wanted, version) === 0 &&
  copiesTo(wanted, version) === 0 &&
  matchesTo(wanted, version).length === 0 &&
  previewOf(wanted, version) === "";

/** What a release wants first: its first step, or what guards pods that it starts itself. */
export function firstShares(spec: RolloutSpec, before: Shares | undefined): Shares {
  const round = (before?.round ?? 0) + 1;
  return spec.start === null ? stepShares(spec, 0, round) : guardShares(spec, round);
}
