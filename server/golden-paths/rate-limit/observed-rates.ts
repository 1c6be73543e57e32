/** How often a service was called, as limits count. Pure. */
import type { RequestRule } from "@/server/contracts/golden-paths/parts.ts";
import type { ServiceRef } from "@/server/contracts/names.ts";
import { findService } from "@/server/inventory/model.ts";
import type { PathContext } from "../path.ts";
import { pathTest } from "./limit-matches.ts";

type Seen = Pick<PathContext, "traffic" | "inventory">;

/** Requests per second of each caller (`<namespace>/<service account>`), the fastest first. */
export function observedRates(
  service: ServiceRef,
  { traffic, inventory }: Seen,
): readonly { readonly caller: string; readonly rate: number }[] {
  const rates = new Map<string, number>();
  for (const { from, to, requestsPerSecond } of traffic.calls) {
    if (to.namespace === service.namespace && to.name === service.name) {
      const account = findService(inventory, from)?.pods[0]?.serviceAccount ?? from.name;
      const caller = `${from.namespace}/${account}`;
      rates.set(caller, (rates.get(caller) ?? 0) + requestsPerSecond);
    }
  }
  return [...rates].map(([caller, rate]) => ({ caller, rate })).sort((one, other) => other.rate - one.rate);
}

/** Requests per second that a limit counts; of single headers nothing is known. */
export function countedPerSecond(service: ServiceRef, only: RequestRule | null, context: Seen): number {
  if (only === null) {
    return observedRates(service, context).reduce((sum, { rate }) => sum + rate, 0);
  }
  if (only.headers.length > 0) {
    return 0;
  }
  const { traffic } = context;
  const test = pathTest(only.paths);
  return (
    traffic
      .paths(service)
      .filter(({ method, path }) => (only.methods.length === 0 || only.methods.includes(method)) && test(path))
      .reduce((sum, { requests }) => sum + requests, 0) / traffic.seconds
  );
}
