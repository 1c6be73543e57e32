"use client";

import type { RolloutPreview } from "@/server/contracts/rollouts.ts";
import { approversOf } from "../golden-paths/form/foot-words.ts";
import { AppLink } from "../ui/app-link.tsx";
import { Button } from "../ui/button.tsx";
import { Note } from "../ui/states.tsx";
import type { EnteredRelease } from "./form/release-draft.ts";
import { newBundleHref } from "./new-release-href.ts";

interface ReleaseFootProps {
  readonly preview: RolloutPreview | undefined;
  readonly canary: string;
  /** What was entered, for the form of several services. */
  readonly entered: EnteredRelease;
  readonly mayPreview: boolean;
  /** What the form still lacks; empty when it is complete. */
  readonly lacks: string;
  /** Why there is no preview; empty when there is, or will be. */
  readonly failed: string;
  readonly ready: boolean;
  readonly sending: boolean;
  /** Why sending failed. */
  readonly problem: string;
}

/** What the button says. */
function startWords(preview: RolloutPreview | undefined, canary: string): string {
  const version = canary === "" ? "the new version" : canary;
  if (preview && approversOf(preview.first) !== "") {
    return `Request approval from ${approversOf(preview.first)}`;
  }
  return preview && preview.queuedBehind.length > 0 ? `Queue the release of ${version}` : `Start release of ${version}`;
}

/** Stays in view: the button that names its effect, or why it cannot. */
export function ReleaseFoot(props: ReleaseFootProps) {
  const { preview, canary, entered, mayPreview, lacks, failed, ready, sending, problem } = props;
  const says = () => {
    if (!mayPreview) {
      return "Needs the role of a developer or platform engineer.";
    }
    if (lacks !== "") {
      return lacks;
    }
    if (failed !== "") {
      return failed;
    }
    if (!preview) {
      return "Nothing happens before you press the button.";
    }
    const { first } = preview;
    if (!first.applicable) {
      const blocking = first.findings.find(({ level }) => level === "error");
      return first.blockedBecause === "" ? (blocking?.message ?? "") : first.blockedBecause;
    }
    return approversOf(first) === ""
      ? "It can be aborted at any time; calls then go back at once."
      : `Nothing moves before ${approversOf(first)} agree${approversOf(first).endsWith("engineers") ? "" : "s"}.`;
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
          data-testid="start-release"
        >
          {sending ? "Starting" : startWords(preview, canary)}
        </Button>
      </div>
      <p className="cap" data-testid="blocked-because" aria-live="polite">
        {says()}
      </p>
      <p className="cap">
        Only a fixed share, without steps?{" "}
        <AppLink className="link" href="/golden-paths/release-a-version">
          Share calls by hand
        </AppLink>
        . With another service?{" "}
        <AppLink className="link" href={newBundleHref(entered)} data-testid="with-another-service">
          Release them together
        </AppLink>
      </p>
    </div>
  );
}
