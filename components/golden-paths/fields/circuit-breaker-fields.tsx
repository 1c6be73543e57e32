"use client";

import type { FieldsProps } from "../form/path-form.ts";
import { More } from "../inputs/more.tsx";
import { DurationField } from "./duration-field.tsx";
import { NumberField } from "./number-field.tsx";
import { ServiceField } from "./service-field.tsx";

/** When a failing pod is left out, for how long, and what may wait. */
export function CircuitBreakerFields({ form }: FieldsProps<"circuit-breaker">) {
  const { draft, set, forward } = form;
  const limited = draft.maxConnections !== null || draft.maxPending !== null || draft.maxRequests !== null;
  return (
    <>
      <ServiceField form={form} label="Service with failing pods" layer7 />
      {forward && (
        <>
          <div className="two">
            <NumberField
              name="consecutiveErrors"
              label="A pod is left out after"
              unit="errors"
              hint="In a row, answers from 500"
              value={draft.consecutiveErrors}
              min={1}
              onChange={(consecutiveErrors) => set({ consecutiveErrors })}
            />
            <DurationField
              name="ejectFor"
              label="For"
              hint="Longer each time again"
              value={draft.ejectFor}
              onChange={(ejectFor) => set({ ejectFor })}
            />
          </div>
          <NumberField
            name="maxEjectedPercent"
            label="At most left out"
            unit="% of the pods"
            hint="The others stay, also when they fail"
            step={10}
            min={1}
            max={100}
            value={draft.maxEjectedPercent}
            onChange={(maxEjectedPercent) => set({ maxEjectedPercent })}
          />
          <More
            inside="how often pods are looked at, slow return, limits"
            names={["interval", "slowStart", "maxConnections", "maxPending", "maxRequests"]}
            used={limited || draft.slowStart !== null || draft.interval !== "10s"}
          >
            <div className="two">
              <DurationField
                name="interval"
                label="Pods are looked at every"
                value={draft.interval}
                onChange={(interval) => set({ interval })}
              />
              <DurationField
                name="slowStart"
                label="Full share after"
                optional
                placeholder="at once"
                hint="When a pod comes back"
                value={draft.slowStart}
                onChange={(slowStart) => set({ slowStart: slowStart === "" ? null : slowStart })}
              />
            </div>
            <div className="three">
              <NumberField
                name="maxConnections"
                label="Connections"
                optional
                placeholder="no limit"
                value={draft.maxConnections}
                min={1}
                onChange={(maxConnections) => set({ maxConnections })}
              />
              <NumberField
                name="maxPending"
                label="Waiting"
                optional
                placeholder="no limit"
                value={draft.maxPending}
                min={1}
                onChange={(maxPending) => set({ maxPending })}
              />
              <NumberField
                name="maxRequests"
                label="In flight"
                optional
                placeholder="no limit"
                value={draft.maxRequests}
                min={1}
                onChange={(maxRequests) => set({ maxRequests })}
              />
            </div>
          </More>
        </>
      )}
    </>
  );
}
