import type { L7RateLimit } from "../../../xds/proxy-config.ts";
import { fields, type Meta, readMeta } from "./lenient.ts";
import { readHttpMatch } from "./route-matches.ts";
import { type AttachmentInput, readAttachment } from "./target-refs.ts";
import { type FieldReader, readFields } from "./unsupported.ts";

type Limit = L7RateLimit["limits"][number];

/** What the mesh needs to know of a RateLimitPolicy. */
export interface RateLimitPolicyInput
  extends Pick<Meta, "namespace" | "name" | "generation" | "createdAtMs">,
    Pick<AttachmentInput, "targets"> {
  readonly limits: readonly Limit[];
  /** Why the policy cannot be enforced as written; then it is not enforced at all, and says so. */
  readonly invalid: readonly string[];
}

const dayMs = 86_400_000;
const listMax = 16;
const matchesMax = 8;
const overridesMax = 64;
const countMax = 1_000_000_000;

/** Reads a RateLimitPolicy; the bounds are those of its schema. */
export function readRateLimitPolicy(object: unknown): RateLimitPolicyInput {
  const { namespace, name, generation, createdAtMs } = readMeta(object);
  const invalid: string[] = [];
  const spec = readFields(fields(object)["spec"], invalid);
  spec.raw("targetRefs");
  const { targets } = readAttachment({ targetRefs: fields(fields(object)["spec"])["targetRefs"] });
  const limits = spec.objects("limits").slice(0, listMax).map(readLimit(invalid));
  for (const [field, count] of [
    ["targetRefs", targets.length],
    ["limits", spec.objects("limits").length],
  ] as const) {
    if (count < 1 || count > listMax) {
      spec.report(field, `1 to ${listMax} are possible`);
    }
  }
  spec.rest();
  return { namespace, name, generation, createdAtMs, targets, limits, invalid };
}

const readLimit =
  (invalid: string[]) =>
  (reader: FieldReader): Limit => {
    const requests = positive(reader, "requests") ?? 1;
    const periodMs = reader.duration("interval") ?? 0;
    if (periodMs < 1 || periodMs > dayMs) {
      reader.report("interval", "1ms to 24h are possible");
    }
    const per = reader.text("per", "Total");
    const header = reader.text("header").toLowerCase();
    if (per !== "Total" && per !== "Identity" && per !== "Header") {
      reader.report("per", per);
    }
    if ((per === "Header") !== (header !== "")) {
      reader.report("header", "is needed with per: Header, and only then");
    }
    const matches = reader.objects("matches");
    const overrides = reader.objects("overrides");
    if (matches.length > matchesMax) {
      reader.report("matches", `at most ${matchesMax}`);
    }
    if (overrides.length > overridesMax) {
      reader.report("overrides", `at most ${overridesMax}`);
    }
    const limit: Limit = {
      name: reader.text("name"),
      requests,
      periodMs: Math.min(Math.max(periodMs, 1), dayMs),
      burst: positive(reader, "burst", requests) ?? requests,
      per: per === "Identity" || per === "Header" ? per : "Total",
      header: per === "Header" ? header : "",
      matches: matches
        .slice(0, matchesMax)
        .map((match, index) => readHttpMatch(fields(match.value), `${reader.path}.matches[${index}]`, invalid)),
      overrides: overrides.slice(0, overridesMax).map((entry) => {
        const rate = positive(entry, "requests") ?? requests;
        const override = {
          value: entry.text("value"),
          requests: rate,
          burst: positive(entry, "burst", rate) ?? rate,
        };
        entry.rest();
        return override;
      }),
    };
    reader.rest();
    return limit;
  };

function positive(reader: FieldReader, field: string, otherwise?: number): number | undefined {
  if (otherwise !== undefined && !reader.has(field)) {
    return otherwise;
  }
  const count = reader.count(field);
  if (count === undefined || count < 1 || count > countMax) {
    reader.report(field, "a whole number from 1 on");
    return undefined;
  }
  return count;
}
