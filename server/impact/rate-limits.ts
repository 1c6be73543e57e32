/** What limits would have refused of the traffic that was seen second by second. Pure. */
import { durationMs } from "@/mesh-runtime/api/gateway-api/duration.ts";
import type { RateLimitPolicy } from "@/mesh-runtime/api/ratelimitpolicy.ts";
import type { ServiceRef } from "@/server/contracts/names.ts";
import { canonical } from "@/server/golden-paths/resource.ts";
import type { Inventory } from "@/server/inventory/model.ts";

/** Requests of a service in each second of a span, by caller (an identity, or anything that tells callers apart). */
export type SecondsOf = (service: ServiceRef) => ReadonlyMap<string, readonly number[]>;

type Limit = NonNullable<NonNullable<RateLimitPolicy["spec"]>["limits"]>[number];

/** One note for each limit that comes or changes. */
export function rateLimitNotes(before: Inventory, after: Inventory, secondsOf: SecondsOf): string[] {
  const known = new Set(limitsOf(before).map(({ service, limit }) => canonical([service, limit])));
  return limitsOf(after)
    .filter(({ service, limit }) => !known.has(canonical([service, limit])))
    .map(({ service, limit }) => noteOf(service, limit, secondsOf(service)));
}

const limitsOf = ({ objects }: Inventory): { readonly service: ServiceRef; readonly limit: Limit }[] =>
  objects.rateLimitPolicies.flatMap(({ metadata, spec }) =>
    (spec?.targetRefs ?? [])
      .filter(({ kind }) => kind === "Service")
      .flatMap(({ name }) =>
        (spec?.limits ?? []).map((limit) => ({ service: { namespace: metadata?.namespace ?? "", name }, limit })),
      ),
  );

function noteOf({ name }: ServiceRef, limit: Limit, seconds: ReadonlyMap<string, readonly number[]>): string {
  const { requests, interval, per = "Total", header = "", matches = [], overrides = [] } = limit;
  const what = `the limit of ${requests} in ${interval}${per === "Identity" ? " for each caller" : ""} on ${name}`;
  if (per === "Header") {
    return `How many requests would be over ${what} is not known: it counts by the header ${header}, whose values are not recorded.`;
  }
  if (matches.length > 0 || overrides.length > 0) {
    return `How many requests would be over ${what} is not known: it counts some requests or callers differently.`;
  }
  const keys = per === "Identity" ? [...seconds.values()] : [summed([...seconds.values()])];
  const total = keys.flat().reduce((sum, count) => sum + count, 0);
  if (total === 0) {
    return `No request to ${name} was seen in the last ten minutes, so nothing can be said about ${what}.`;
  }
  const over = keys.reduce((sum, counts) => sum + overLimit(counts, limit), 0);
  return `Of the requests of the last ten minutes ${shareText(over / total)} would have been over ${what} and answered 429.`;
}

const shareText = (share: number): string =>
  share === 0 ? "none" : share < 0.01 ? "less than 1 %" : `about ${Math.round(share * 100)} %`;

const summed = (several: readonly (readonly number[])[]): number[] => {
  const length = Math.max(0, ...several.map((counts) => counts.length));
  return Array.from({ length }, (_, index) => several.reduce((sum, counts) => sum + (counts[index] ?? 0), 0));
};

/** As the proxies count (GCRA): a bucket of `burst` that fills at the limit's rate. */
function overLimit(counts: readonly number[], { requests, interval, burst = requests }: Limit): number {
  const perSecond = (requests * 1_000) / (durationMs(interval) ?? 1_000);
  let available = burst;
  let over = 0;
  for (const count of counts) {
    // What comes within a second finds what fills meanwhile.
    const taken = Math.min(count, Math.floor(available + perSecond));
    over += count - taken;
    available = Math.min(burst, available + perSecond - taken);
  }
  return over;
}
