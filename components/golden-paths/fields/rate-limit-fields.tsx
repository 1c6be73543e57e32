"use client";

import { rateLimitEntry } from "@/server/contracts/golden-paths/resilience.ts";
import type { Draft } from "../form/draft.ts";
import { emptyOf } from "../form/draft-of-schema.ts";
import { type FieldsProps, serviceOf } from "../form/path-form.ts";
import { AddButton, RemoveButton } from "../inputs/row-button.tsx";
import { LimitFields } from "./limit-fields.tsx";
import { ServiceField } from "./service-field.tsx";

type Limit = Draft<"rate-limit">["limits"][number];

/** How many requests in which time, counted by what. */
export function RateLimitFields({ form }: FieldsProps<"rate-limit">) {
  const { draft, options, set, forward } = form;
  const service = serviceOf(options, draft.service);
  const fresh = emptyOf(rateLimitEntry) as Limit;
  const shown = draft.limits.length === 0 ? [fresh] : draft.limits;
  return (
    <>
      <ServiceField form={form} label="Service to protect" layer7 />
      {forward &&
        shown.map((limit, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a limit is known by its place
          <div key={index} className={index === 0 ? "rule" : "rule is-next"}>
            {index > 0 && (
              <div className="rule-head">
                <span className="label">And this limit</span>
                <RemoveButton
                  label={`Remove limit ${index + 1}`}
                  onClick={() => set({ limits: draft.limits.filter((_, at) => at !== index) })}
                />
              </div>
            )}
            <LimitFields
              name={`limits.${index}`}
              service={service}
              identities={options.identities}
              limit={limit}
              onChange={(change) =>
                set({ limits: shown.map((other, at) => (at === index ? { ...other, ...change } : other)) })
              }
            />
          </div>
        ))}
      {forward && draft.limits.length > 0 && draft.limits.length < 8 && (
        <AddButton onClick={() => set({ limits: [...draft.limits, fresh] })}>Add a limit</AddButton>
      )}
    </>
  );
}
