"use client";

import { milliseconds, textOf } from "../../ui/format.ts";
import { type FieldsProps, serviceOf } from "../form/path-form.ts";
import { suggestPrefixes } from "../form/seen-words.ts";
import { DurationInput } from "../inputs/duration-input.tsx";
import { Rows } from "../inputs/rows.tsx";
import { SuggestInput } from "../inputs/suggest-input.tsx";
import { DurationField } from "./duration-field.tsx";
import { PathField } from "./path-field.tsx";
import { ServiceField } from "./service-field.tsx";

/** How long an answer may take, for all requests and for single paths. */
export function TimeoutsFields({ form }: FieldsProps<"timeouts">) {
  const { draft, options, set, forward } = form;
  const service = serviceOf(options, draft.service);
  const suggestions = suggestPrefixes(service?.seen);
  return (
    <>
      <ServiceField form={form} label="Service that is called" layer7 />
      {forward && (
        <>
          <DurationField
            name="request"
            label="Longest wait for an answer"
            hint={
              service && service.seen.p99Ms > 0
                ? `With all further tries. 99 of 100 answers came within ${textOf(milliseconds(service.seen.p99Ms))}`
                : "With all further tries; then the caller gets 504"
            }
            placeholder="1"
            value={draft.request}
            onChange={(request) => set({ request })}
          />
          <PathField
            name="paths"
            group
            optional
            label="Other times for single paths"
            hint={draft.paths.length > 0 ? "By the beginning of the path, whole segments" : undefined}
          >
            <Rows
              entries={draft.paths}
              onChange={(paths) => set({ paths })}
              fresh={() => ({ path: "", request: "" })}
              max={6}
              add="Add a path"
              look="is-timed"
              nameOf={({ path }, index) => (path === "" ? `path ${index + 1}` : path)}
            >
              {(entry, put, index) => (
                <>
                  <SuggestInput
                    label={`Path ${index + 1}`}
                    placeholder="/reports"
                    value={entry.path}
                    suggestions={suggestions}
                    testId={`path-${index}`}
                    onChange={(path) => put({ path })}
                  />
                  <DurationInput
                    label={`Longest wait on path ${index + 1}`}
                    value={entry.request}
                    testId={`path-time-${index}`}
                    onChange={(request) => put({ request })}
                  />
                </>
              )}
            </Rows>
          </PathField>
        </>
      )}
    </>
  );
}
