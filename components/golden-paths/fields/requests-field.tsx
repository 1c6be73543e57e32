"use client";

import type { ServiceOption } from "../form/path-form.ts";
import { anyRequest, type RuleDraft, withoutRule, withRule } from "../form/request-rules.ts";
import { AddButton, RemoveButton } from "../inputs/row-button.tsx";
import { RuleFields } from "./rule-fields.tsx";

interface RequestsFieldProps {
  readonly service: ServiceOption | undefined;
  readonly rules: readonly RuleDraft[];
  readonly onChange: (rules: RuleDraft[]) => void;
}

/** Which requests are meant: any of several kinds; without a word about them every request is. */
export function RequestsField({ service, rules, onChange }: RequestsFieldProps) {
  const shown = rules.length === 0 ? [anyRequest] : rules;
  return (
    <>
      {shown.map((rule, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a kind of request is known by its place
        <div key={index} className={index === 0 ? "rule" : "rule is-next"}>
          {index > 0 && (
            <div className="rule-head">
              <span className="label">Or these requests</span>
              <RemoveButton label="Remove these requests" onClick={() => onChange(withoutRule(shown, index))} />
            </div>
          )}
          <RuleFields
            name={`requests.${index}`}
            service={service}
            rule={rule}
            onChange={(change) => onChange(withRule(rules, index, change))}
          />
        </div>
      ))}
      {rules.length > 0 && rules.length < 8 && (
        <AddButton onClick={() => onChange([...rules, anyRequest])}>Or other requests too</AddButton>
      )}
    </>
  );
}
