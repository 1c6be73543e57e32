"use client";

import { ChevronDown, ChevronRight } from "lucide-react";
import { Fragment, useState } from "react";
import { type PathSlug, pathSlug } from "@/server/contracts/golden-paths/slug.ts";
import type { Guardrails, PathRule } from "@/server/contracts/guardrails.ts";
import { pathTexts } from "../golden-paths/path-texts.ts";
import { Button } from "../ui/button.tsx";
import { ScrollX } from "../ui/scroll-x.tsx";
import { ruleOf, setWords, withRule } from "./draft.ts";
import { FieldLimits } from "./field-limits.tsx";
import { guardedFields } from "./guarded-fields.ts";

const whoWords: Record<PathRule["who"], string> = {
  owners: "those who own the place",
  platform: "platform engineers only",
  nobody: "nobody: switched off",
};

interface PathRulesProps {
  readonly guardrails: Guardrails;
  readonly editable: boolean;
  readonly onChange: (guardrails: Guardrails) => void;
}

/** Per path: who may use it, whether the platform engineers must agree, start values and limits. */
export function PathRules({ guardrails, editable, onChange }: PathRulesProps) {
  const [open, setOpen] = useState<PathSlug | null>(null);
  return (
    <ScrollX label="Golden paths">
      <table className="table rails" style={{ "--pad-x": "var(--page-x)" } as React.CSSProperties}>
        <thead>
          <tr>
            <th scope="col">Golden path</th>
            <th scope="col">Who may use it</th>
            <th scope="col">Platform engineers must agree</th>
            <th scope="col">Start values and limits</th>
          </tr>
        </thead>
        <tbody>
          {pathSlug.options.map((slug) => {
            const rule = ruleOf(guardrails, slug);
            const set = (next: PathRule) => onChange(withRule(guardrails, next));
            return (
              <Fragment key={slug}>
                <tr data-testid={`rule-${slug}`}>
                  <th scope="row">{pathTexts[slug].title}</th>
                  <td>
                    {editable ? (
                      <span className="input">
                        <select
                          aria-label={`Who may use “${pathTexts[slug].title}”`}
                          value={rule.who}
                          onChange={({ target: { value } }) =>
                            set({ ...rule, who: value === "platform" || value === "nobody" ? value : "owners" })
                          }
                        >
                          {(["owners", "platform", "nobody"] as const).map((who) => (
                            <option key={who} value={who}>
                              {whoWords[who]}
                            </option>
                          ))}
                        </select>
                      </span>
                    ) : (
                      <span className={rule.who === "owners" ? "t2" : "med"}>{whoWords[rule.who]}</span>
                    )}
                  </td>
                  <td data-label="Platform engineers must agree">
                    {editable ? (
                      <input
                        type="checkbox"
                        aria-label={`Platform engineers must agree to “${pathTexts[slug].title}”`}
                        checked={rule.approval}
                        onChange={(event) => set({ ...rule, approval: event.target.checked })}
                      />
                    ) : rule.approval ? (
                      "yes"
                    ) : (
                      <span className="t3">no</span>
                    )}
                  </td>
                  <td data-label="Start values and limits">
                    {guardedFields[slug] === undefined ? (
                      <span className="t3">nothing to set</span>
                    ) : (
                      <Button
                        size="s"
                        look="ghost"
                        icon={open === slug ? ChevronDown : ChevronRight}
                        aria-expanded={open === slug}
                        onClick={() => setOpen(open === slug ? null : slug)}
                      >
                        {setWords(rule) || "none set"}
                        <span className="vh">, {pathTexts[slug].title}</span>
                      </Button>
                    )}
                  </td>
                </tr>
                {open === slug && (
                  <tr className="rails-detail">
                    <td colSpan={4}>
                      <fieldset disabled={!editable} aria-label={`Fields of ${pathTexts[slug].title}`}>
                        <FieldLimits rule={rule} onChange={set} />
                      </fieldset>
                    </td>
                  </tr>
                )}
              </Fragment>
            );
          })}
        </tbody>
      </table>
    </ScrollX>
  );
}
