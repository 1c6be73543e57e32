import type { CircuitBreakerForm } from "@/server/contracts/golden-paths/resilience.ts";
import type { Finding } from "@/server/contracts/golden-paths.ts";
import { findService } from "@/server/inventory/model.ts";
import { podsByPlace } from "../keep-in-region/places.ts";
import { count, finding, listNames, type PathContext } from "../path.ts";
import { durationFindings, offer } from "../service-routes/service-plan.ts";

export const breakerFindings = (form: CircuitBreakerForm, context: PathContext): Finding[] => [
  ...durationFindings("interval", form.interval),
  ...durationFindings("ejectFor", form.ejectFor),
  ...durationFindings("slowStart", form.slowStart),
  ...fewPods(form, context),
  ...overfull(form, context),
  ...nearFirst(form, context),
];

function fewPods({ service, maxEjectedPercent }: CircuitBreakerForm, { inventory }: PathContext): Finding[] {
  const pods = findService(inventory, service)?.pods.length ?? 0;
  if (pods === 1) {
    const message = `${service.name} has one pod: while it is left out, every call fails, and there is no other to go to. Run a second one.`;
    return [finding("warning", "nothing-to-eject-to", "maxEjectedPercent", message)];
  }
  if (pods > 1 && pods * maxEjectedPercent < 100) {
    const enough = Math.ceil(100 / pods);
    const message = `${maxEjectedPercent} % of ${count(pods, "pod")} is less than one: none would ever be left out.`;
    const repair = { title: `Use ${enough} %`, values: { maxEjectedPercent: enough } };
    return [finding("warning", "percent-does-nothing", "maxEjectedPercent", message, { repair })];
  }
  return [];
}

/** By Little's law so many requests are under way on average: rate times duration. */
function overfull({ service, maxRequests }: CircuitBreakerForm, { traffic }: PathContext): Finding[] {
  const perSecond = traffic.calls
    .filter(({ to }) => to.namespace === service.namespace && to.name === service.name)
    .reduce((sum, call) => sum + call.requestsPerSecond, 0);
  const underWay = Math.ceil((perSecond * traffic.p99Ms(service)) / 1_000);
  if (maxRequests === null || underWay <= maxRequests) {
    return [];
  }
  const repair = { title: `Allow ${underWay * 2}`, values: { maxRequests: underWay * 2 } };
  const message = `Up to ${count(underWay, "request")} to ${service.name} were under way at once in the last hour: with at most ${maxRequests}, some would get 503.`;
  return [finding("warning", "limit-below-traffic", "maxRequests", message, { repair })];
}

/** To look at failures also switches preference by place on (`resources.md` §13). */
function nearFirst({ service }: CircuitBreakerForm, { inventory, current }: PathContext): Finding[] {
  const places = podsByPlace(inventory, service);
  const key = `${service.namespace}/${service.name}`;
  if (places.size < 2 || current.has(`prefer-the-zone/${key}`) || current.has(`keep-in-region/${key}`)) {
    return [];
  }
  const message = `This changes where calls go, too: pods of ${service.name} in the zone of the waypoint come first, then those of its region, then the rest. They are in ${listNames([...places.keys()])}.`;
  const path = offer("prefer-the-zone", `Prefer the zone for ${service.name}`, "Say it in so many words", {
    service,
    near: "zone",
    enabled: true,
  });
  return [finding("info", "side-effects", "", message, { path })];
}
