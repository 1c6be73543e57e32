"use client";

import { History } from "lucide-react";
import { useState } from "react";
import type { InForce } from "@/server/contracts/golden-paths.ts";
import { Button } from "../../ui/button.tsx";
import { exact } from "../../ui/format.ts";
import { readEntered } from "../form/draft.ts";
import type { FillableForm } from "../form/path-form.ts";
import { changedPaths } from "../form/shown-problems.ts";
import { takeBackWords } from "../take-back-words.ts";

interface InForceNoteProps {
  readonly form: Omit<FillableForm, "draft"> & { readonly draft: object };
  readonly entries: readonly InForce[];
  /** A service, or what it is about else. */
  readonly about: string;
}

const shownAtFirst = 3;

/** What this path does for the service already: open it as it is, or take it back. */
export function InForceNote({ form, entries, about }: InForceNoteProps) {
  const [all, setAll] = useState(false);
  if (entries.length === 0) {
    return form.forward ? null : (
      <p className="in-force cap" data-testid="in-force">
        Nothing of this is in force for {about}.
      </p>
    );
  }
  const isFilled = (values: Readonly<Record<string, unknown>>) =>
    changedPaths(form.draft, readEntered(form.slug, values)).length === 0;
  return (
    <ul className="in-force" aria-label={`In force for ${about}`} data-testid="in-force">
      {entries.slice(0, all ? entries.length : shownAtFirst).map((entry) => (
        <li key={entry.key}>
          <History className="ic ic-14 t3" aria-hidden="true" />
          <span className="grow">
            <span className="t3">In force:</span> {entry.summary}
            {entry.untilUnixMs !== null && <span className="t3"> until {exact(entry.untilUnixMs)}</span>}
          </span>
          <Button
            size="s"
            disabled={isFilled(entry.edit)}
            onClick={() => form.fill(entry.edit)}
            aria-label={`Edit: ${entry.summary}`}
          >
            Edit
          </Button>
          <Button
            size="s"
            disabled={isFilled(entry.remove)}
            onClick={() => form.fill(entry.remove)}
            aria-label={`${takeBackWords(entry, "Take back")}: ${entry.summary}`}
          >
            {takeBackWords(entry, "Take back")}
          </Button>
        </li>
      ))}
      {!all && entries.length > shownAtFirst && (
        <li>
          <button type="button" className="link xs" onClick={() => setAll(true)}>
            Show all {entries.length}
          </button>
        </li>
      )}
    </ul>
  );
}
