"use client";

import { Button } from "../../ui/button.tsx";
import { Note } from "../../ui/states.tsx";
import { noPreviewWords } from "../words/no-preview-words.ts";
import type { MemberPreview } from "./use-bundle-start.ts";

interface BundleFootProps {
  readonly previews: readonly MemberPreview[];
  readonly mayPreview: boolean;
  /** What the form still lacks; empty when it is complete. */
  readonly lacks: string;
  /** Who must agree; empty when nobody must. */
  readonly approvers: string;
  readonly ready: boolean;
  readonly sending: boolean;
  /** Why sending failed. */
  readonly problem: string;
}

/** Stays in view: the button that names its effect, or why it cannot. */
export function BundleFoot({ previews, mayPreview, lacks, approvers, ready, sending, problem }: BundleFootProps) {
  const says = (): string => {
    if (!mayPreview) {
      return "Needs the role of a developer or platform engineer.";
    }
    if (lacks !== "") {
      return lacks;
    }
    const failed = previews.findIndex(({ data, error }) => data === undefined && error !== null);
    if (failed >= 0) {
      return `Release ${failed + 1}: ${noPreviewWords(previews[failed]?.error)}`;
    }
    const blocked = previews.findIndex(({ data }) => data !== undefined && !data.first.applicable);
    const first = previews[blocked]?.data?.first;
    if (first) {
      const error = first.findings.find(({ level }) => level === "error");
      return `Release ${blocked + 1}: ${first.blockedBecause === "" ? (error?.message ?? "") : first.blockedBecause}`;
    }
    return approvers === ""
      ? "All of them start, or none. They can be aborted together at any time."
      : `What belongs to ${approvers} waits for their word; nothing of it moves before.`;
  };
  return (
    <div className="form-foot">
      {problem !== "" && <Note tone="error">{problem}</Note>}
      <div className="acts">
        <Button
          type="submit"
          size="l"
          look="primary"
          busy={sending}
          disabled={!ready}
          hint="⌘ ↵"
          data-testid="start-bundle"
        >
          {sending ? "Starting" : `Start ${previews.length} releases`}
        </Button>
      </div>
      <p className="cap" data-testid="blocked-because" aria-live="polite">
        {says()}
      </p>
    </div>
  );
}
