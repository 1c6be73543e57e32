import { durationMs } from "@/mesh-runtime/api/gateway-api/duration.ts";
import type { RetriesForm } from "@/server/contracts/golden-paths/resilience.ts";
import type { Finding } from "@/server/contracts/golden-paths.ts";
import type { ServiceRef } from "@/server/contracts/names.ts";
import { type IntentOf, type IntentSet, intentsOfService } from "../intent.ts";
import { finding, listNames, type PathContext } from "../path.ts";
import { isGrpcOnly } from "../service-routes/http-ports.ts";
import { safeMethods } from "../service-routes/plan-routes.ts";
import { isKnownStatus } from "../service-routes/render-virtual-service.ts";
import { durationFindings, offer } from "../service-routes/service-plan.ts";
import { wholeSeconds } from "../timeouts/rounding.ts";
import { type TriesOf, triesOf } from "./service-tries.ts";
import { allTriesMs, type RetryChain, worstChain } from "./tries.ts";

/** So many calls out of one are a burden that callers do not expect. */
const manyCalls = 8;

export const retryFindings = (form: RetriesForm, next: IntentSet, context: PathContext): Finding[] => [
  ...durationFindings("perTry", form.perTry),
  ...durationFindings("backoff", form.backoff, { zero: true }),
  ...unsafe(form, context),
  ...tooShort(form, next, context),
  ...multiplied(form, next, context),
  ...withFaults(form, next),
];

function unsafe(form: RetriesForm, { traffic, inventory }: PathContext): Finding[] {
  const { service, safeOnly, attempts } = form;
  if (attempts === 0) {
    return [];
  }
  if (safeOnly) {
    const message = `Calls to ${service.name} are gRPC, where each is a POST: with safe methods only, none is repeated.`;
    const repair = { title: "Repeat every call", values: { safeOnly: false } };
    return isGrpcOnly(inventory, service)
      ? [finding("warning", "rule-without-effect", "safeOnly", message, { repair })]
      : [];
  }
  const paths = traffic.paths(service);
  const repair = { title: "Safe methods only", values: { safeOnly: true } };
  if (paths.length === 0) {
    const message = `Nothing was seen of calls to ${service.name} in the last hour: it is not known whether some of them change something, which would then happen twice.`;
    // Of gRPC nobody can repeat only what is safe.
    return isGrpcOnly(inventory, service) ? [] : [finding("info", "retry-not-safe", "safeOnly", message, { repair })];
  }
  const seen = paths.filter(({ method }) => !safeMethods.some((safe) => safe === method));
  if (seen.length === 0) {
    return [];
  }
  const names = listNames([...new Set(seen.map(({ method, path }) => `${method} ${path}`))], 3);
  const message = `${names} would be repeated too. What such a call does may then happen twice.`;
  return [finding("warning", "retry-not-safe", "safeOnly", message, { repair })];
}

function tooShort(form: RetriesForm, next: IntentSet, { traffic }: PathContext): Finding[] {
  const { service, perTry } = form;
  const perTryMs = perTry === null ? 0 : (durationMs(perTry) ?? 0);
  const found: Finding[] = [];
  const p99 = traffic.p99Ms(service);
  if (perTryMs > 0 && perTryMs < p99) {
    const enough = wholeSeconds(p99 * 1.5);
    const message = `One call in a hundred to ${service.name} takes ${Math.round(p99)} ms or longer: a try of ${perTry} would give up on it and burden ${service.name} again.`;
    const repair = { title: `Allow ${enough}`, values: { perTry: enough } };
    found.push(finding("warning", "timeout-below-p99", "perTry", message, { repair }));
  }
  const timeouts = intentsOfService(next, service).find((one): one is IntentOf<"timeouts"> => one.slug === "timeouts");
  const whole = durationMs(timeouts?.request ?? "") ?? 0;
  const needed = allTriesMs(form);
  if (timeouts !== undefined && whole > 0 && needed !== undefined && needed > whole) {
    const enough = wholeSeconds(needed);
    const message = `All tries with their waits may take ${needed} ms, and calls to ${service.name} end after ${timeouts.request}: the last tries never happen.`;
    const { slug: _slug, ...values } = timeouts;
    const path = offer("timeouts", `Allow ${enough} in all`, "So that every try has its time", {
      ...values,
      request: enough,
      enabled: true,
    });
    found.push(finding("warning", "timeout-below-retries", "perTry", message, { path }));
  }
  return found;
}

function multiplied({ service, attempts }: RetriesForm, next: IntentSet, context: PathContext): Finding[] {
  const { inventory, traffic } = context;
  if (attempts === 0) {
    return [];
  }
  const tries = triesOf(next, inventory);
  const asked = worstChain(service, traffic.calls, (of) => (tries(of).asked ? tries(of).calls : 1));
  const whole = worstChain(service, traffic.calls, (of) => tries(of).calls);
  if (whole === undefined) {
    return unknownChain(service, tries, context);
  }
  const repair = attempts > 1 ? { repair: { title: "Try again once", values: { attempts: 1 } } } : {};
  const way = ({ services }: RetryChain): string => services.map(({ name }) => name).join(" → ");
  if (asked === undefined) {
    const message = `Calls that do not get through are tried again twice by the mesh itself, along ${way(whole)} too: with these retries one request may become ${whole.product} calls. Retries can be forbidden where they are not wanted.`;
    return [finding("info", "retries-multiply", "attempts", message, repair)];
  }
  const more =
    whole.product > asked.product
      ? ` With what the mesh tries again by itself, along ${way(whole)}, it may become ${whole.product}.`
      : "";
  const message = `Retries multiply along ${way(asked)}: when the end fails, one request may become ${asked.product} calls.${more} Retry in one place, nearest to what fails.`;
  const level = asked.product > manyCalls ? "warning" : "info";
  return [finding(level, "retries-multiply", "attempts", message, repair)];
}

/** Retries that somebody asked for elsewhere, and no call that tells whether this service is on their way. */
function unknownChain(service: ServiceRef, tries: TriesOf, { inventory, traffic }: PathContext): Finding[] {
  const is = ({ namespace, name }: ServiceRef): boolean => namespace === service.namespace && name === service.name;
  const others = inventory.services.filter(
    (one) => one.kind === "service" && !is(one) && tries(one).asked && tries(one).calls > 1,
  );
  if (others.length === 0 || traffic.calls.some(({ from, to }) => is(from) || is(to))) {
    return [];
  }
  const names = listNames(others.map(({ name }) => name));
  const message = `${names} ${others.length === 1 ? "is" : "are"} retried too, and nothing was seen of who calls ${service.name} in the last hour: it is not known whether retries multiply.`;
  return [finding("info", "retries-multiply", "attempts", message)];
}

/** While faults are tested, another kind of route stands, which knows fewer status codes. */
function withFaults({ service, attempts, codes }: RetriesForm, next: IntentSet): Finding[] {
  const unknown = codes.filter((code) => !isKnownStatus(code));
  const faulty = intentsOfService(next, service).some(({ slug }) => slug === "test-with-faults");
  if (!faulty || unknown.length === 0 || attempts === 0) {
    return [];
  }
  const message = `While ${service.name} is tested with faults, answers ${listNames(unknown.map(String))} are not tried again.`;
  const repair = { title: "Leave them out", values: { codes: codes.filter(isKnownStatus) } };
  return [finding("warning", "not-on-this-target", "codes", message, { repair })];
}
