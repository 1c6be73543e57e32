"use client";

import { PathField } from "../../golden-paths/fields/path-field.tsx";
import { SelectInput } from "../../golden-paths/fields/select-input.tsx";
import { DurationInput } from "../../golden-paths/inputs/duration-input.tsx";
import { More } from "../../golden-paths/inputs/more.tsx";
import { AddButton, RemoveButton } from "../../golden-paths/inputs/row-button.tsx";
import { TextInput } from "../../golden-paths/inputs/text-input.tsx";
import type { ReleaseDraft } from "../form/release-draft.ts";
import type { ReleaseFieldsProps } from "../form/release-form.ts";

type WebhookDraft = ReleaseDraft["analysis"]["webhooks"][number];

const most = 8;

const moments = [
  { value: "before", label: "before it begins" },
  { value: "during", label: "at each interval" },
  { value: "after", label: "before it completes" },
] as const;

/** Programs that are asked whether it may go on. */
export function WebhooksField({ form: { draft, set } }: ReleaseFieldsProps) {
  const { analysis } = draft;
  const { webhooks } = analysis;
  const change = (next: WebhookDraft[]) => set({ analysis: { ...analysis, webhooks: next } });
  const put = (at: number, part: Partial<WebhookDraft>) =>
    change(webhooks.map((rule, index) => (index === at ? { ...rule, ...part } : rule)));
  return (
    <More inside="ask other programs" names={["analysis.webhooks"]} used={webhooks.length > 0}>
      <PathField
        name="analysis.webhooks"
        group
        optional
        label="Ask other programs"
        hint="Asked over HTTP: 2xx passes, 202 means not yet, everything else is a miss. Before and after the steps, 5xx and no answer are asked again for 5 minutes"
      >
        <div className="rows">
          {webhooks.map((rule, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a rule is known by its place while it is typed
            <div className="row-group" key={at}>
              <div className="row-fields is-webhook">
                <TextInput
                  label={`Name of question ${at + 1}`}
                  placeholder="smoke test"
                  value={rule.name}
                  testId={`webhook-name-${at}`}
                  onChange={(name) => put(at, { name })}
                />
                <SelectInput
                  label={`When question ${at + 1} is asked`}
                  placeholder=""
                  value={rule.when}
                  onChange={(value) =>
                    put(at, { when: moments.find((moment) => moment.value === value)?.value ?? "during" })
                  }
                  choices={moments}
                />
                <RemoveButton
                  label={`Remove question ${at + 1}`}
                  onClick={() => change(webhooks.filter((_, index) => index !== at))}
                />
              </div>
              <div className="row-fields is-webhook-url">
                <TextInput
                  mono
                  label={`Address of question ${at + 1}`}
                  placeholder="http://checks.web-api:8080/smoke"
                  value={rule.url}
                  testId={`webhook-url-${at}`}
                  onChange={(url) => put(at, { url: url.trim() })}
                />
                <DurationInput
                  label={`Longest wait for question ${at + 1}`}
                  value={rule.timeout}
                  onChange={(timeout) => put(at, { timeout })}
                />
              </div>
            </div>
          ))}
          {webhooks.length < most && (
            <AddButton
              testId="add-webhook"
              onClick={() => change([...webhooks, { name: "", when: "during", url: "", timeout: "5s" }])}
            >
              Add a question
            </AddButton>
          )}
        </div>
      </PathField>
    </More>
  );
}
