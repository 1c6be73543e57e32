"use client";

import type { FieldsProps } from "../form/path-form.ts";
import { More } from "../inputs/more.tsx";
import { Toggle } from "../inputs/toggle.tsx";
import { CodesField } from "./codes-field.tsx";
import { DurationField } from "./duration-field.tsx";
import { NumberField } from "./number-field.tsx";
import { ServiceField } from "./service-field.tsx";

/** How often calls are repeated, and after which answers. */
export function RetriesFields({ form }: FieldsProps<"retries">) {
  const { draft, set, forward } = form;
  return (
    <>
      <ServiceField form={form} label="Service whose calls fail" layer7 />
      {forward && (
        <>
          <NumberField
            name="attempts"
            label="Further tries"
            unit={draft.attempts === 1 ? "try" : "tries"}
            hint={draft.attempts === 0 ? "None, also not those that are usual" : "After the first one failed"}
            value={draft.attempts}
            max={10}
            onChange={(attempts) => set({ attempts })}
          />
          <CodesField codes={draft.codes} onChange={(codes) => set({ codes })} />
          <Toggle
            title="Only requests that may be repeated without harm"
            checked={draft.safeOnly}
            onChange={(safeOnly) => set({ safeOnly })}
          >
            GET, HEAD, OPTIONS, PUT and DELETE; a POST is not sent twice
          </Toggle>
          <More
            inside="wait between tries, longest try, limit"
            names={["backoff", "perTry", "budgetPercent"]}
            used={draft.backoff !== "25ms" || draft.perTry !== null || draft.budgetPercent !== 20}
          >
            <div className="two">
              <DurationField
                name="backoff"
                label="Wait before the next try"
                hint="Longer each time again"
                unit="ms"
                value={draft.backoff}
                onChange={(backoff) => set({ backoff })}
              />
              <DurationField
                name="perTry"
                label="Longest single try"
                optional
                placeholder="the whole time"
                value={draft.perTry}
                onChange={(perTry) => set({ perTry: perTry === "" ? null : perTry })}
              />
            </div>
            <NumberField
              name="budgetPercent"
              label="Most tries at once"
              optional
              unit="% of requests in flight"
              placeholder="no limit"
              hint="Keeps tries from adding to an outage"
              value={draft.budgetPercent}
              step={5}
              min={1}
              max={100}
              onChange={(budgetPercent) => set({ budgetPercent })}
            />
          </More>
        </>
      )}
    </>
  );
}
