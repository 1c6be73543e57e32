import type { Finding } from "@/server/contracts/golden-paths.ts";
import type { ServiceRef } from "@/server/contracts/names.ts";
import { count, finding, type PathContext } from "../path.ts";

/** A share of so few requests that it hardly ever happens. */
export function tooFew(percent: number, field: string, service: ServiceRef, { traffic }: PathContext): Finding[] {
  const requests = traffic.calls
    .filter(({ to }) => to.namespace === service.namespace && to.name === service.name)
    .reduce((sum, call) => sum + call.requests, 0);
  if (requests === 0 || (requests * percent) / 100 >= 1) {
    return [];
  }
  const message = `${service.name} got ${count(requests, "request")} in the time that was looked at: ${percent} % of that is less than one.`;
  return [finding("info", "percent-does-nothing", field, message)];
}
