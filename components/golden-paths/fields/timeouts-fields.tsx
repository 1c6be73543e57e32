"use client";

import { milliseconds, textOf } from "../../ui/format.ts";
import { type FieldsProps, serviceOf } from "../form/path-form.ts";
import { suggestPrefixes } from "../form/seen-words.ts";
import { DurationInput } from "../inputs/duration-input.tsx";
import { AddButton, RemoveButton } from "../inputs/row-button.tsx";
import { SuggestInput } from "../inputs/suggest-input.tsx";
import { DurationField } from "./duration-field.tsx";
import { PathField } from "./path-field.tsx";
import { ServiceField } from "./service-field.tsx";

/** How long an answer may take, for all requests and for single paths. */
export function TimeoutsFields({ form }: FieldsProps<"timeouts">) {
  const { draft, options, set, forward } = form;
  const service = serviceOf(options, draft.service);
  const suggestions = suggestPrefixes(service?.seen);
  const put = (index: number, change: Partial<(typeof draft.paths)[number]>) =>
    set({ paths: draft.paths.map((entry, at) => (at === index ? { ...entry, ...change } : entry)) });
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
            <div className="rows">
              {draft.paths.map((entry, index) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: an entry is known by its place while it is typed
                <div className="row-fields is-timed" key={index}>
                  <SuggestInput
                    label={`Path ${index + 1}`}
                    placeholder="/reports"
                    value={entry.path}
                    suggestions={suggestions}
                    testId={`path-${index}`}
                    onChange={(path) => put(index, { path })}
                  />
                  <DurationInput
                    label={`Longest wait on path ${index + 1}`}
                    value={entry.request}
                    testId={`path-time-${index}`}
                    onChange={(request) => put(index, { request })}
                  />
                  <RemoveButton
                    label={`Remove ${entry.path === "" ? `path ${index + 1}` : entry.path}`}
                    onClick={() => set({ paths: draft.paths.filter((_, at) => at !== index) })}
                  />
                </div>
              ))}
              {draft.paths.length < 6 && (
                <AddButton onClick={() => set({ paths: [...draft.paths, { path: "", request: "" }] })}>
                  Add a path
                </AddButton>
              )}
            </div>
          </PathField>
        </>
      )}
    </>
  );
}
