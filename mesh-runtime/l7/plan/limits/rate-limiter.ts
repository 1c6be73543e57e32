import { hash } from "node:crypto";
import type { L7RateLimit } from "../../../xds/proxy-config.ts";
import type { ReplyPlan } from "../../request-plan.ts";
import type { Draft } from "../draft.ts";
import type { PlannerMemory } from "../planner-memory.ts";
import { compileMatch, type RequestTest } from "../routes/compile-match.ts";
import { beginMatching } from "../routes/regex-meter.ts";
import { Buckets } from "./buckets.ts";
import { available, type Bucket, type Rate, take, waitMs } from "./gcra.ts";

type L7Limit = L7RateLimit["limits"][number];

interface Limit {
  readonly policy: string;
  /** Place in the policy. */
  readonly index: number;
  /** None: all requests. */
  readonly matches: readonly RequestTest[];
  readonly per: L7Limit["per"];
  readonly header: string;
  readonly rate: Rate;
  readonly overrides: ReadonlyMap<string, Rate>;
  readonly buckets: Buckets;
}

/** Where a request stands with a limit. */
interface Standing {
  readonly limit: Limit;
  readonly rate: Rate;
  readonly bucket: Bucket;
  readonly left: number;
}

const keyLengthMax = 64;

/**
 * Limits of the policies in front of one place. A request must pass all that apply to it; one that is refused counts
 * nowhere.
 */
export class RateLimiter {
  readonly #limits: readonly Limit[];
  readonly #now: () => number;

  /** Limits of one `scope` count together, whatever the port, and are found again under the next configuration. */
  constructor(policies: readonly L7RateLimit[], scope: string, memory: PlannerMemory, now: () => number) {
    this.#limits = policies.flatMap(({ policy, limits }) =>
      limits.map((limit, index) => {
        const key = `rate-limit ${scope} ${policy} ${index} ${limit.name} ${limit.per} ${limit.header}`;
        return compileLimit(
          policy,
          index,
          limit,
          memory.part(key, () => new Buckets()),
        );
      }),
    );
    this.#now = now;
  }

  /** `undefined`: within all limits; the answer will tell what is left. */
  check(draft: Draft): ReplyPlan | undefined {
    const nowMs = this.#now();
    beginMatching();
    let standings: Standing[] | undefined;
    let tightest: Standing | undefined;
    for (const limit of this.#limits) {
      if (limit.matches.length > 0 && !limit.matches.some((test) => test(draft))) {
        continue;
      }
      const standing = standingOf(limit, draft, nowMs);
      if (standing.left === 0) {
        return refuse(draft, standing, nowMs);
      }
      standings ??= [];
      standings.push(standing);
      tightest = tightest === undefined || standing.left < tightest.left ? standing : tightest;
    }
    if (standings === undefined || tightest === undefined) {
      return undefined;
    }
    for (const { rate, bucket } of standings) {
      take(rate, bucket, nowMs);
    }
    const fields = limitFields(tightest, tightest.left - 1, nowMs);
    const set = [0, 2, 4].map((at) => ({ name: fields[at] ?? "", value: fields[at + 1] ?? "" }));
    draft.responseEdits.push({ set, add: [], remove: [] });
    return undefined;
  }
}

function compileLimit(policy: string, index: number, limit: L7Limit, buckets: Buckets): Limit {
  const rateOf = ({ requests, burst }: { requests: number; burst: number }): Rate => ({
    intervalMs: limit.periodMs / requests,
    burst: Math.max(1, burst),
  });
  // A match that cannot be used takes everything in: a limit that is too strict beats one that is not there.
  const tests = limit.matches.map((match) => compileMatch(match) ?? always);
  return {
    policy,
    index,
    matches: tests,
    per: limit.per,
    header: limit.header.toLowerCase(),
    rate: rateOf(limit),
    overrides: new Map(limit.overrides.map((override) => [override.value, rateOf(override)])),
    buckets,
  };
}

const always: RequestTest = () => true;

function standingOf(limit: Limit, draft: Draft, nowMs: number): Standing {
  const value = countedBy(limit, draft);
  const rate = limit.overrides.get(value) ?? limit.rate;
  const bucket = limit.buckets.get(value.length > keyLengthMax ? hash("sha256", value) : value, nowMs);
  return { limit, rate, bucket, left: available(rate, bucket, nowMs) };
}

/** Anonymous callers, and requests without the header, share one bucket. */
function countedBy({ per, header }: Limit, draft: Draft): string {
  switch (per) {
    case "Total":
      return "";
    case "Identity":
      return draft.caller.identity;
    case "Header":
      return draft.header(header) ?? "";
  }
}

function refuse(draft: Draft, standing: Standing, nowMs: number): ReplyPlan {
  const { rate, bucket, limit } = standing;
  const seconds = Math.max(1, Math.ceil(waitMs(rate, bucket, nowMs) / 1000));
  const fields = ["retry-after", String(seconds), ...limitFields(standing, 0, nowMs)];
  // Text of Envoy's local rate limit filter.
  const reply = { status: 429, flag: "RL", body: "local_rate_limited", fields } as const;
  const { policy, index } = limit;
  return draft.reply(reply, {
    reason: "rate-limited",
    policy,
    rule: index,
    attribute: attributeOf(limit),
    evaluated: [policy],
  });
}

const attributeOf = ({ per, header }: Limit): string =>
  per === "Total" ? "none" : per === "Identity" ? "source.principal" : `request.headers[${header}]`;

/** Names of the IETF draft "RateLimit header fields for HTTP" up to its seventh version; reset in whole seconds. */
function limitFields({ rate, bucket }: Standing, left: number, nowMs: number): string[] {
  const resetSeconds = Math.max(0, Math.ceil((bucket.fullAtMs - nowMs) / 1000));
  return [
    "ratelimit-limit",
    String(rate.burst),
    "ratelimit-remaining",
    String(left),
    "ratelimit-reset",
    String(resetSeconds),
  ];
}
