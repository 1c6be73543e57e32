import { durationMs } from "@/mesh-runtime/api/gateway-api/duration.ts";
import type { TimeoutsForm } from "@/server/contracts/golden-paths/resilience.ts";
import type { Finding } from "@/server/contracts/golden-paths.ts";
import { type IntentOf, type IntentSet, intentsOfService } from "../intent.ts";
import { finding, listNames, type PathContext } from "../path.ts";
import { allTriesMs } from "../retries/tries.ts";
import { durationFindings, offer } from "../service-routes/service-plan.ts";
import { isUnder, trimPath } from "../service-routes/split-rules.ts";
import { wholeSeconds } from "./rounding.ts";

export const timeoutFindings = (form: TimeoutsForm, next: IntentSet, context: PathContext): Finding[] => [
  ...durationFindings("request", form.request),
  ...form.paths.flatMap(({ request }, index) => durationFindings(`paths.${index}.request`, request)),
  ...unreachable(form),
  ...belowP99(form, context),
  ...belowRetries(form, next),
];

/** Paths that are named twice, and the path of everything, which leaves nothing to the general time. */
function unreachable({ paths, service }: TimeoutsForm): Finding[] {
  const trimmed = paths.map(({ path }) => trimPath(path));
  const without = (index: number) => paths.filter((_, other) => other !== index);
  return trimmed.flatMap((path, index) => {
    const field = `paths.${index}.path`;
    if (trimmed.indexOf(path) < index) {
      const message = `${path} is named above already: this time would never apply.`;
      const repair = { title: "Remove it", values: { paths: without(index) } };
      return [finding("error", "rule-unreachable", field, message, { repair })];
    }
    if (path !== "/") {
      return [];
    }
    const own = paths[index]?.request ?? "";
    const message = `Every path of ${service.name} is under /: the general time would never apply.`;
    const repair = { title: `Use ${own} for everything`, values: { request: own, paths: without(index) } };
    return [finding("warning", "rule-shadowed", field, message, { repair })];
  });
}

function belowP99({ service, request, paths }: TimeoutsForm, { traffic }: PathContext): Finding[] {
  const byLength = paths
    .map(({ path, request: own }, index) => ({ path: trimPath(path), own, index }))
    .toSorted((one, other) => other.path.length - one.path.length);
  const seen = traffic.paths(service);
  const ownerOf = (path: string) => byLength.find((one) => isUnder(path, one.path));
  const slow = (own: (path: string) => boolean, limit: string) =>
    seen.filter(({ path, p99Ms }) => own(path) && p99Ms > (durationMs(limit) || Number.POSITIVE_INFINITY));
  const say = (field: string, limit: string, worst: readonly { path: string; p99Ms: number }[], fix: object) => {
    const most = Math.max(...worst.map(({ p99Ms }) => p99Ms));
    const names = listNames([...new Set(worst.map(({ path }) => path))], 3);
    const message = `One call in a hundred on ${names} takes ${Math.round(most)} ms or longer, and would end after ${limit}.`;
    return finding("warning", "timeout-below-p99", field, message, fix);
  };
  const enoughFor = (worst: readonly { p99Ms: number }[]) =>
    wholeSeconds(1.5 * Math.max(...worst.map(({ p99Ms }) => p99Ms)));
  const found = byLength.flatMap(({ path, own, index }) => {
    const worst = slow((one) => ownerOf(one)?.path === path && ownerOf(one)?.index === index, own);
    const changed = paths.map((one, at) => (at === index ? { ...one, request: enoughFor(worst) } : one));
    const repair = { title: `Allow ${enoughFor(worst)}`, values: { paths: changed } };
    return worst.length === 0 ? [] : [say(`paths.${index}.request`, own, worst, { repair })];
  });
  const general = slow((path) => ownerOf(path) === undefined, request);
  if (general.length > 0) {
    const enough = enoughFor(general);
    const repair = { title: `Allow ${enough}`, values: { request: enough } };
    return [say("request", request, general, { repair }), ...found];
  }
  // Nothing is known of single paths: what is known of all must do.
  const p99Ms = seen.length === 0 ? traffic.p99Ms(service) : 0;
  if (p99Ms > (durationMs(request) || Number.POSITIVE_INFINITY)) {
    const enough = wholeSeconds(1.5 * p99Ms);
    const message = `One call in a hundred to ${service.name} takes ${Math.round(p99Ms)} ms or longer, and would end after ${request}.`;
    const repair = { title: `Allow ${enough}`, values: { request: enough } };
    return [finding("warning", "timeout-below-p99", "request", message, { repair }), ...found];
  }
  return found;
}

function belowRetries({ service, request, paths }: TimeoutsForm, next: IntentSet): Finding[] {
  const retries = intentsOfService(next, service).find((one): one is IntentOf<"retries"> => one.slug === "retries");
  const needed = retries === undefined ? undefined : allTriesMs(retries);
  if (retries === undefined || needed === undefined) {
    return [];
  }
  const enough = wholeSeconds(needed);
  const { slug: _slug, ...values } = retries;
  const path = offer("retries", `Fewer retries of ${service.name}`, "So that every try has its time", {
    ...values,
    enabled: true,
  });
  const limits = [
    { field: "request", limit: request, values: { request: enough } },
    ...paths.map((one, index) => ({
      field: `paths.${index}.request`,
      limit: one.request,
      values: { paths: paths.map((other, at) => (at === index ? { ...other, request: enough } : other)) },
    })),
  ];
  return limits
    .filter(({ limit }) => needed > (durationMs(limit) || Number.POSITIVE_INFINITY))
    .map(({ field, limit, values: repaired }) => {
      const message = `The ${retries.attempts + 1} tries of ${service.name} with their waits may take ${needed} ms, and a call ends after ${limit}: the last tries never happen.`;
      const repair = { title: `Allow ${enough}`, values: repaired };
      return finding("warning", "timeout-below-retries", field, message, { repair, path });
    });
}
