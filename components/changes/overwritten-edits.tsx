"use client";

import type { ChangeDetails } from "@/server/contracts/changes.ts";
import { CopyButton } from "../ui/copy-button.tsx";
import { exact } from "../ui/format.ts";
import { TwoVersions } from "../ui/two-versions.tsx";

/** Edits of others that the change found in its way: both versions, to be compared or copied back. */
export function OverwrittenEdits({ change }: { readonly change: ChangeDetails }) {
  return (
    <div className="stack" style={{ padding: "16px var(--page-x)" }} data-testid="overwritten-edits">
      <p className="t2 sm">Somebody edited these past the forms. What they wrote is kept here.</p>
      {change.overwritten.map((edit) => (
        <TwoVersions key={edit.resource} of={edit} liveTitle="As it was found">
          <span className="t2 sm">
            {edit.by !== "" && <>by {edit.by}</>}
            {edit.by !== "" && edit.atUnixMs > 0 && <>, {exact(edit.atUnixMs)}</>}
          </span>
          {edit.live !== "" && <CopyButton text={edit.live} />}
        </TwoVersions>
      ))}
    </div>
  );
}
