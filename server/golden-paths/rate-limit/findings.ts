import { durationMs } from "@/mesh-runtime/api/gateway-api/duration.ts";
import type { RateLimitEntry, RateLimitForm } from "@/server/contracts/golden-paths/resilience.ts";
import type { Finding } from "@/server/contracts/golden-paths.ts";
import { findService } from "@/server/inventory/model.ts";
import { finding, listNames, type PathContext } from "../path.ts";
import { isForeign } from "../service-routes/foreign-routes.ts";
import { durationFindings } from "../service-routes/service-plan.ts";
import { isKubernetes } from "../target.ts";
import { callerValue, overridesOf } from "./generate.ts";
import { knownMethods, limitMatches, type UnsayablePart } from "./limit-matches.ts";
import { countedPerSecond, observedRates } from "./observed-rates.ts";

export const limitFindings = (form: RateLimitForm, context: PathContext): Finding[] => [
  ...onTarget(context),
  ...form.limits.flatMap((entry, index) => entryFindings(entry, `limits.${index}`)),
  ...form.limits.flatMap((entry, index) => belowTraffic(form, entry, `limits.${index}`, context)),
  ...counts(form, context),
  ...others(form, context),
];

const onTarget = ({ inventory }: PathContext): Finding[] =>
  isKubernetes(inventory)
    ? [
        finding(
          "error",
          "not-on-this-target",
          "",
          "Istio has no resource for rate limits: on this cluster nobody would enforce them.",
        ),
      ]
    : [];

const why: Readonly<Record<UnsayablePart, string>> = {
  methods: `A limit can tell at most eight of ${knownMethods.join(", ")} apart. Name fewer, or none for all.`,
  paths: "These paths are too long together. Name fewer, or a common beginning with * behind it.",
  headers:
    "A limit can ask that a header is there or has a value, each header once; not that it is absent or different.",
};

function entryFindings(entry: RateLimitEntry, field: string): Finding[] {
  const { per, overrides, interval, only } = entry;
  const found = durationFindings(`${field}.interval`, interval);
  for (const part of only === null ? [] : limitMatches(only).unsayable) {
    found.push(finding("error", "not-on-this-target", `${field}.only.${part}`, why[part]));
  }
  const kept = overridesOf(entry);
  const values = overrides.map(({ value }) => value);
  for (const [index, { value }] of overrides.entries()) {
    const at = `${field}.overrides.${index}.value`;
    if (per === "total") {
      const message = "The limit counts all requests together: there is nobody to single out. Count for each caller.";
      found.push(finding("error", "rule-without-effect", at, message));
    } else if (per === "caller" && !callerValue.test(value)) {
      const message = `Write a caller as namespace/service account, such as default/sleep: ${value} never matches.`;
      found.push(finding("error", "value-never-matches", at, message));
    } else if (values.indexOf(value) < index) {
      const message = `${value} is named above already, with ${kept.find((one) => one.value === value)?.requests ?? 0}.`;
      found.push(finding("error", "rule-unreachable", at, message));
    }
  }
  return found;
}

/** What was observed goes over the limit. An average hides its peaks: no finding does not mean no 429. */
function belowTraffic(form: RateLimitForm, entry: RateLimitEntry, field: string, context: PathContext): Finding[] {
  const seconds = (durationMs(entry.interval) ?? 0) / 1_000;
  if (seconds <= 0) {
    return [];
  }
  const { service } = form;
  const limit = (requests: number): number => requests / seconds;
  const observed = observedRates(service, context);
  const limits = (requests: number) =>
    form.limits.map((one) => (one === entry ? { ...one, requests, burst: null } : one));
  const say = (who: string, rate: number): Finding => {
    const enough = Math.ceil(rate * seconds * 1.5);
    const message = `${who} at ${perSecond(rate)} on average in the last hour, and the limit is ${perSecond(limit(entry.requests))}: calls that pass now would get 429.`;
    const repair = { title: `Allow ${enough} in ${entry.interval}`, values: { limits: limits(enough) } };
    return finding("warning", "limit-below-traffic", `${field}.requests`, message, { repair });
  };
  if (entry.per === "total") {
    const rate = countedPerSecond(service, entry.only, context);
    return rate > limit(entry.requests) ? [say(`${service.name} was called`, rate)] : [];
  }
  if (entry.per === "header" || entry.only !== null) {
    return [];
  }
  const own = new Map(entry.overrides.map(({ value, requests }) => [value, requests]));
  const over = observed.filter(({ caller, rate }) => rate > limit(own.get(caller) ?? entry.requests));
  const fastest = Math.max(...over.map(({ rate }) => rate));
  return over.length === 0
    ? []
    : [
        say(
          `${listNames(
            over.map(({ caller }) => caller),
            3,
          )} called`,
          fastest,
        ),
      ];
}

const perSecond = (rate: number): string =>
  rate >= 1 || rate === 0
    ? `${(Math.round(rate * 10) / 10).toLocaleString("en")} requests per second`
    : `${(Math.round(rate * 600) / 10).toLocaleString("en")} requests per minute`;

/** Counts are per pod of the waypoint. */
function counts({ service }: RateLimitForm, { inventory }: PathContext): Finding[] {
  const waypoint = findService(inventory, service)?.waypoint;
  const pods =
    waypoint === undefined
      ? 0
      : inventory.services
          .filter(({ kind, namespace }) => kind === "waypoint" && namespace === waypoint.namespace)
          .filter(({ name }) => name === waypoint.name)
          .reduce((sum, one) => sum + one.pods.length, 0);
  const message = `The waypoint of ${service.name} has ${pods} pods, and each counts for itself: together they let up to ${pods} times as much through.`;
  return pods > 1 ? [finding("info", "side-effects", "limits", message)] : [];
}

/** Another policy on the same service counts as well: the narrower one decides. */
const others = ({ service }: RateLimitForm, { inventory }: PathContext): Finding[] =>
  inventory.objects.rateLimitPolicies
    .filter(isForeign)
    .filter(({ metadata }) => metadata.namespace === service.namespace)
    .filter(({ spec }) => spec.targetRefs.some(({ kind, name }) => kind === "Service" && name === service.name))
    .map(({ metadata }) => {
      const place = `RateLimitPolicy ${metadata.namespace ?? ""}/${metadata.name ?? ""}`;
      const message = `${place}, which Towpath did not write, limits ${service.name} too: a request must be within both.`;
      return finding("warning", "managed-elsewhere", "", message, { place });
    });
