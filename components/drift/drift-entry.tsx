"use client";

import { FilePlus2, Link2Off, type LucideIcon, PencilLine, Trash2 } from "lucide-react";
import { useState } from "react";
import type { DriftItem } from "@/server/contracts/drift.ts";
import { pathTexts } from "../golden-paths/path-texts.ts";
import { Badge } from "../ui/badge.tsx";
import { CopyButton } from "../ui/copy-button.tsx";
import { exact } from "../ui/format.ts";
import { Lines } from "../ui/resource-diff.tsx";
import { Segmented } from "../ui/segmented.tsx";
import { TimeAgo } from "../ui/time-ago.tsx";
import { DriftActions } from "./drift-actions.tsx";
import { kindWords, nameOf } from "./drift-words.ts";

const icons: Record<DriftItem["kind"], LucideIcon> = {
  edited: PencilLine,
  removed: Trash2,
  "in-the-way": Link2Off,
  missing: FilePlus2,
};

/** One resource that differs from its form: who did it, what it means, both versions, and the ways out. */
export function DriftEntry({ item }: { readonly item: DriftItem }) {
  return (
    <article
      className="drift"
      data-testid={`drift-${item.resource.kind}-${item.resource.namespace}/${item.resource.name}`}
    >
      <header className="row wrap">
        <Badge tone="warn" icon={icons[item.kind]}>
          {kindWords[item.kind]}
        </Badge>
        <h2 className="h2 mono" style={{ overflowWrap: "anywhere" }}>
          {nameOf(item)}
        </h2>
        <span className="t2 sm">
          {item.by !== "" && <>by {item.by}</>}
          {item.atUnixMs > 0 && (
            <>
              , <TimeAgo at={item.atUnixMs} />
            </>
          )}
        </span>
      </header>
      <p>{item.effect}</p>
      {item.intents.length > 0 && (
        <p className="cap">
          It stands for{" "}
          {item.intents.map(({ key, slug, summary }, index) => (
            <span key={key}>
              {index > 0 && "; "}
              <b className="med">{pathTexts[slug].title}</b>: {summary}
            </span>
          ))}
        </p>
      )}
      <Ending item={item} />
      <DriftActions item={item} />
      <Versions item={item} />
    </article>
  );
}

/** Access ends at its date over any edit: whoever edited should know. */
function Ending({ item }: { readonly item: DriftItem }) {
  const ends = item.intents.flatMap(({ endsUnixMs }) => (endsUnixMs === null ? [] : [endsUnixMs]));
  return ends.length === 0 ? null : (
    <p className="cap" data-testid="drift-ending">
      Access given here ends on {exact(Math.min(...ends))}. Then it is taken away over this edit, which is kept with
      that change.
    </p>
  );
}

function Versions({ item }: { readonly item: DriftItem }) {
  const [shown, setShown] = useState<"diff" | "expected" | "live">("diff");
  const text = shown === "expected" ? item.expected : item.live;
  return (
    <section className="drift-yaml" aria-label={`Versions of ${item.resource.name}`}>
      <div className="row spread wrap">
        <Segmented
          small
          label="Version"
          value={shown}
          options={[
            { value: "diff", label: "Difference" },
            { value: "expected", label: "As the form says" },
            { value: "live", label: "As it is" },
          ]}
          onChange={setShown}
        />
        {shown !== "diff" && text !== "" && <CopyButton text={text} />}
      </div>
      {shown === "diff" ? (
        // A region that scrolls must be reachable by keyboard.
        // biome-ignore lint/a11y/noNoninteractiveTabindex: see above
        <section className="diff" aria-label="From what the form says to what is live" tabIndex={0}>
          <Lines lines={item.diff} />
        </section>
      ) : text === "" ? (
        <p className="cap">{shown === "live" ? "It is not there." : "The form writes no such object."}</p>
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
        <pre tabIndex={0}>{text}</pre>
      )}
    </section>
  );
}
