"use client";

import { requestRule } from "@/server/contracts/golden-paths/parts.ts";
import type { GoldenPathOptions } from "@/server/contracts/golden-paths.ts";
import { rate, textOf } from "../../ui/format.ts";
import { Segmented } from "../../ui/segmented.tsx";
import type { Draft } from "../form/draft.ts";
import { emptyOf } from "../form/draft-of-schema.ts";
import { durationMs } from "../form/duration-text.ts";
import type { ServiceOption } from "../form/path-form.ts";
import { type RuleDraft, saysNothing } from "../form/request-rules.ts";
import { suggestNames } from "../form/seen-words.ts";
import { More } from "../inputs/more.tsx";
import { DurationField } from "./duration-field.tsx";
import { NumberField } from "./number-field.tsx";
import { OverridesField } from "./overrides-field.tsx";
import { PathField } from "./path-field.tsx";
import { RuleFields } from "./rule-fields.tsx";
import { TextField } from "./text-field.tsx";

type Limit = Draft<"rate-limit">["limits"][number];

interface LimitFieldsProps {
  readonly name: string;
  readonly service: ServiceOption | undefined;
  readonly identities: GoldenPathOptions["identities"];
  readonly limit: Limit;
  readonly onChange: (change: Partial<Limit>) => void;
}

const anyRequest = emptyOf(requestRule) as RuleDraft;

/** What of the service's traffic such a limit would meet. */
function hintOf({ requests, interval }: Limit, service: ServiceOption | undefined): string {
  const ms = durationMs(interval);
  const now =
    service && service.seen.requestsPerSecond > 0
      ? `All callers together: ${textOf(rate(service.seen.requestsPerSecond))} now`
      : "";
  const limit =
    requests === null || Number.isNaN(requests) || ms === undefined || ms === 0
      ? ""
      : `That is ${textOf(rate((requests * 1_000) / ms))}`;
  return [limit, now].filter(Boolean).join(". ") || "Whoever calls more often gets 429 and when to come again";
}

/** One limit: how many requests in which time, counted by what. */
export function LimitFields({ name, service, identities, limit, onChange }: LimitFieldsProps) {
  const rule = limit.only ?? anyRequest;
  return (
    <>
      <div className="two">
        <NumberField
          name={`${name}.requests`}
          label="At most"
          unit="requests"
          placeholder="10"
          min={1}
          value={limit.requests}
          onChange={(requests) => onChange({ requests })}
        />
        <DurationField
          name={`${name}.interval`}
          label="In"
          value={limit.interval}
          onChange={(interval) => onChange({ interval })}
        />
      </div>
      <PathField name={`${name}.per`} group label="Counted" hint={hintOf(limit, service)}>
        <Segmented
          label="Counted"
          value={limit.per}
          options={[
            { value: "caller", label: "Per caller" },
            { value: "total", label: "All together" },
            { value: "header", label: "Per header value" },
          ]}
          onChange={(per) => onChange({ per, ...(per !== "header" && { header: "" }) })}
        />
      </PathField>
      {limit.per === "header" && (
        <TextField
          name={`${name}.header`}
          label="Header"
          placeholder="x-customer"
          hint="Requests without it are counted together"
          value={limit.header}
          suggestions={suggestNames(service?.seen.headers)}
          onChange={(header) => onChange({ header: header.trim() })}
        />
      )}
      <More
        inside="requests at once, which requests, single callers"
        names={[`${name}.burst`, `${name}.only`, `${name}.overrides`]}
        used={limit.burst !== null || limit.only !== null || limit.overrides.length > 0}
      >
        <NumberField
          name={`${name}.burst`}
          label="At once"
          optional
          unit="requests"
          placeholder={limit.requests === null ? "as many" : String(limit.requests)}
          hint="After a pause, so many may come together"
          min={1}
          value={limit.burst}
          onChange={(burst) => onChange({ burst })}
        />
        <RuleFields
          name={`${name}.only`}
          service={service}
          rule={rule}
          onChange={(change) => {
            const only = { ...rule, ...change };
            onChange({ only: saysNothing(only) ? null : only });
          }}
        />
        {limit.per !== "total" && (
          <OverridesField
            name={`${name}.overrides`}
            per={limit.per}
            identities={identities}
            overrides={limit.overrides}
            onChange={(overrides) => onChange({ overrides })}
          />
        )}
      </More>
    </>
  );
}
