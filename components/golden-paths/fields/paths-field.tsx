"use client";

import { ChevronDown } from "lucide-react";
import { useState } from "react";
import type { ServiceOption } from "../form/path-form.ts";
import { type PathMatchKind, pathMatch, pathPatternOf } from "../form/path-match.ts";
import { suggestPatterns } from "../form/seen-words.ts";
import { AddButton, RemoveButton } from "../inputs/row-button.tsx";
import { SuggestInput, type Suggestion } from "../inputs/suggest-input.tsx";
import { PathField } from "./path-field.tsx";

interface PathsFieldProps {
  readonly name: string;
  readonly label: string;
  readonly service: ServiceOption | undefined;
  readonly paths: readonly string[];
  readonly onChange: (paths: string[]) => void;
  /** What no path means. */
  readonly nothing: string;
}

/** Paths of requests: exact, by their beginning or end, with those that were seen as suggestions. */
export function PathsField({ name, label, service, paths, onChange, nothing }: PathsFieldProps) {
  const rows = paths.length === 0 ? [""] : paths;
  const suggestions = suggestPatterns(service?.seen);
  const put = (index: number, pattern: string) => {
    const next = rows.map((other, at) => (at === index ? pattern : other));
    onChange(next.length === 1 && pattern === "" ? [] : next);
  };
  const last = rows.at(-1) ?? "";
  return (
    <PathField name={name} group optional label={label} hint={paths.length === 0 ? nothing : undefined}>
      <div className="rows">
        {rows.map((pattern, index) => (
          <PathRow
            // biome-ignore lint/suspicious/noArrayIndexKey: a path is known by its place while it is typed
            key={index}
            label={`${label} ${index + 1}`}
            pattern={pattern}
            suggestions={suggestions}
            testId={`${name.replaceAll(".", "-")}-${index}`}
            onChange={(next) => put(index, next)}
            {...(paths.length > 0 && { onRemove: () => onChange(rows.filter((_, at) => at !== index)) })}
          />
        ))}
        {last !== "" && paths.length < 32 && <AddButton onClick={() => onChange([...paths, ""])}>Add a path</AddButton>}
      </div>
    </PathField>
  );
}

interface PathRowProps {
  readonly label: string;
  readonly pattern: string;
  readonly suggestions: readonly Suggestion[];
  readonly testId: string;
  readonly onChange: (pattern: string) => void;
  readonly onRemove?: () => void;
}

function PathRow({ label, pattern, suggestions, testId, onChange, onRemove }: PathRowProps) {
  const match = pathMatch(pattern);
  const [wanted, setWanted] = useState<PathMatchKind>(match.kind);
  // Without a text the pattern cannot tell how it is meant.
  const kind = pattern === "" ? wanted : match.kind;
  const change = (text: string) => {
    const typed = pathMatch(text);
    setWanted(kind);
    // A star that is typed says how it is meant, and so does a pattern that was taken whole.
    onChange(typed.kind === "is" ? pathPatternOf({ kind, text }) : text);
  };
  return (
    <div className="row-fields">
      <SuggestInput
        label={label}
        value={match.text}
        suggestions={suggestions}
        placeholder="/"
        testId={testId}
        onChange={change}
        before={
          <span className="kind-pick">
            <select
              aria-label={`${label}, how it is compared`}
              value={kind}
              onChange={(event) => {
                const next = event.target.value as PathMatchKind;
                setWanted(next);
                onChange(pathPatternOf({ kind: next, text: match.text }));
              }}
            >
              <option value="is">is</option>
              <option value="begins">begins with</option>
              <option value="ends">ends with</option>
            </select>
            <ChevronDown className="ic ic-12" aria-hidden="true" />
          </span>
        }
      />
      {onRemove && <RemoveButton label={`Remove ${match.text === "" ? label : match.text}`} onClick={onRemove} />}
    </div>
  );
}
