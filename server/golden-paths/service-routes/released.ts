/** How the versions of a service share its calls, as parts of a plan. Pure. */
import type { ReleaseMatch } from "@/server/contracts/golden-paths/release.ts";
import type { ServiceRef } from "@/server/contracts/names.ts";
import type { IntentOf } from "../intent.ts";
import type { HeaderCondition, HeaderEdits, RouteAction, RouteRule, WeightedDestination } from "./route-plan.ts";
import { versionServiceName } from "./service-host.ts";
import { type RouteCase, splitRules } from "./split-rules.ts";

type Release = IntentOf<"release-a-version">;

/**
 * Header in which a waypoint says whose call it is: whatever a caller wrote there is gone (Envoy, "x-forwarded-client-cert").
 */
export const clientCertHeader = "x-forwarded-client-cert";

const versionOf = ({ service }: Release, version: string): ServiceRef => ({
  namespace: service.namespace,
  name: versionServiceName(service, version),
});

/** Weights are whole numbers: percentages, or hundredths of them. */
function weightsOf(weight: number): { readonly stable: number; readonly canary: number } {
  const whole = Number.isInteger(weight) ? 100 : 10_000;
  const canary = Math.round((weight * whole) / 100);
  return { stable: whole - canary, canary };
}

/** Whether both versions answer calls that nothing else decides about. */
const isShared = ({ canary, weight }: Release): boolean => canary !== null && weight > 0 && weight < 100;

/** What is done with the calls that no match decides about. */
export function shareOut(release: Release): Pick<RouteAction, "destinations" | "mirrors"> {
  const { stable, canary, weight, mirror } = release;
  const of = (version: string, share: number): WeightedDestination => {
    const responseHeaders = isShared(release) ? keeping(release, version) : undefined;
    return {
      service: versionOf(release, version),
      port: undefined,
      weight: share,
      ...(responseHeaders === undefined ? {} : { responseHeaders }),
    };
  };
  if (canary === null || canary === stable) {
    return { destinations: [of(stable, 100)], mirrors: [] };
  }
  const weights = weightsOf(weight);
  return {
    destinations: [of(stable, weights.stable), of(canary, weights.canary)],
    mirrors:
      mirror > 0 && weight < 100 ? [{ service: versionOf(release, canary), port: undefined, percent: mirror }] : [],
  };
}

/**
 * Puts before every rule one for calls that are the canary's by a match or by a cookie that it was given, and one for
 * calls that keep the stable version by theirs. Shares of nothing and of everything leave nobody to keep anything.
 */
export function splitReleased(rules: readonly RouteRule[], release: Release): RouteRule[] {
  const { service, stable, canary, match, sticky } = release;
  if (canary === null || canary === stable) {
    return [...rules];
  }
  const keeps = sticky !== null && isShared(release);
  const to = (version: string): Pick<RouteAction, "destinations"> => ({
    destinations: [
      {
        service: { namespace: service.namespace, name: versionServiceName(service, version) },
        port: undefined,
        weight: 100,
      },
    ],
  });
  const ofCanary = [...match.map(conditionOf), ...(keeps ? [cookieIs(sticky.cookie, keptAs(release, canary))] : [])];
  const ofStable = keeps ? [cookieIs(sticky.cookie, keptAs(release, stable))] : [];
  const cases: RouteCase[] = [
    { name: "canary", when: oneOf(ofCanary), change: () => to(canary) },
    { name: "kept", when: oneOf(ofStable), change: () => to(stable) },
  ];
  return splitRules(
    rules,
    cases.filter(({ when }) => (when.headers ?? []).length > 0),
  );
}

const oneOf = (conditions: readonly HeaderCondition[]): RouteCase["when"] => ({
  headers: conditions.map((condition) => [condition]),
});

function conditionOf(match: ReleaseMatch): HeaderCondition {
  switch (match.by) {
    case "header":
      return { name: match.name.toLowerCase(), value: match.value };
    case "cookie":
      return cookieIs(match.name, match.value);
    case "caller":
      return callerIs(match);
  }
}

const literal = (text: string): string => text.replaceAll(/[\\^$.|?*+()[\]{}]/g, String.raw`\$&`);

/**
 * One of the cookies of a request (RFC 6265 §4.2.1: pairs, with a semicolon and a space between them). Written so that
 * whoever asks which way a request takes can compare it, too (`../../routes-taken`).
 */
const cookieIs = (name: string, value: string): HeaderCondition => ({
  name: "cookie",
  value: `(.*;)? ?${literal(name)}=${literal(value)} ?(;.*)?`,
  isPattern: true,
});

/** The identity that a waypoint proved, in whatever trust domain. */
const callerIs = ({ namespace, serviceAccount }: Extract<ReleaseMatch, { by: "caller" }>): HeaderCondition => ({
  name: clientCertHeader,
  value: `(.*;)?URI=spiffe://[^/;,]+/ns/${literal(namespace)}/sa/${literal(serviceAccount)}`,
  isPattern: true,
});

/** Value of the cookie: who has the stable version draws again when shares move, who has the canary keeps it. */
const keptAs = ({ stable, round }: Release, version: string): string =>
  version === stable ? `${version}.${round}` : version;

function keeping(release: Release, version: string): HeaderEdits | undefined {
  const { sticky } = release;
  if (sticky === null) {
    return undefined;
  }
  const { cookie, seconds } = sticky;
  const value = `${cookie}=${keptAs(release, version)}; Max-Age=${seconds}; Path=/; HttpOnly; SameSite=Lax`;
  return { add: [{ name: "set-cookie", value }] };
}
