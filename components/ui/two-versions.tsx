"use client";

import type { ReactNode } from "react";
import type { ProblemConflict } from "@/server/contracts/errors.ts";

interface TwoVersionsProps {
  readonly of: ProblemConflict;
  readonly liveTitle: string;
  /** Beside the name of the resource. */
  readonly children?: ReactNode;
}

/** A resource as the portal expected it and as somebody else left it, side by side. */
export function TwoVersions({ of: { resource, expected, live }, liveTitle, children }: TwoVersionsProps) {
  return (
    <div className="stack">
      <span className="row wrap">
        <span className="mono xs">{resource}</span>
        {children}
      </span>
      <div className="two">
        <Version title="As it was expected" text={expected} other={live} look="del" />
        <Version title={liveTitle} text={live} other={expected} look="add" />
      </div>
    </div>
  );
}

interface VersionProps {
  readonly title: string;
  /** Empty when the object is absent. */
  readonly text: string;
  readonly other: string;
  readonly look: "add" | "del";
}

/** One of two versions; lines that the other one has not are marked. */
function Version({ title, text, other, look }: VersionProps) {
  const lines = text.trimEnd().split("\n");
  const others = new Set(other.trimEnd().split("\n"));
  return (
    <figure className="conflict">
      <figcaption className="cap">{title}</figcaption>
      {/* A region that scrolls must be reachable by keyboard. */}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: see above */}
      <pre className="diff" tabIndex={0}>
        {text === "" ? (
          <span className="t3">There is none</span>
        ) : (
          lines.map((line, at) => {
            const own = !others.has(line);
            return (
              // biome-ignore lint/suspicious/noArrayIndexKey: lines of one text in their order
              <span key={at} className={own ? `line-of ${look}` : "line-of"}>
                {own && <span className="vh">differs: </span>}
                {line}
                {"\n"}
              </span>
            );
          })
        )}
      </pre>
    </figure>
  );
}
