"use client";

import { Equal, type LucideIcon, Minus, Pencil, Plus } from "lucide-react";
import { Fragment, useState } from "react";
import type { DiffLine, ResourceChange } from "@/server/contracts/golden-paths.ts";
import { CopyButton } from "./copy-button.tsx";

const actions: Record<ResourceChange["action"], { icon: LucideIcon; tone: string; word: string }> = {
  create: { icon: Plus, tone: "c-ok", word: "new" },
  update: { icon: Pencil, tone: "c-warn", word: "changes" },
  delete: { icon: Minus, tone: "c-error", word: "goes away" },
  unchanged: { icon: Equal, tone: "t3", word: "stays" },
};

/** Unchanged lines shown on each side of a change; longer runs fold. */
const context = 3;

interface ResourceDiffProps {
  readonly changes: readonly ResourceChange[];
  /** What is compared. */
  readonly label?: string;
}

/** Resources as a diff against what is live, one file bar each. */
export function ResourceDiff({ changes, label = "YAML, difference to what is live" }: ResourceDiffProps) {
  if (changes.length === 0) {
    return (
      <p className="t2 sm" style={{ padding: "16px var(--page-x)" }}>
        Nothing is written.
      </p>
    );
  }
  return (
    // A region that scrolls must be reachable by keyboard.
    // biome-ignore lint/a11y/noNoninteractiveTabindex: see above
    <section className="diff" aria-label={label} tabIndex={0}>
      {changes.map((change) => {
        const { icon: Icon, tone, word } = actions[change.action];
        const { kind, namespace, name } = change.resource;
        return (
          <Fragment key={`${kind} ${namespace}/${name}`}>
            <div className="file">
              <Icon className={`ic ic-14 ${tone}`} aria-hidden="true" />
              <span className="mono trunc">
                {kind} {namespace === "" ? name : `${namespace}/${name}`}
              </span>
              <span className="t3 nowrap">{word}</span>
              <span className="right">
                <CopyButton text={change.after === "" ? change.before : change.after} />
              </span>
            </div>
            <Lines lines={change.diff} />
          </Fragment>
        );
      })}
    </section>
  );
}

/** The lines of one text compared with another; long unchanged parts fold. */
export function Lines({ lines }: { readonly lines: readonly DiffLine[] }) {
  const [open, setOpen] = useState(false);
  const near = (index: number) =>
    lines.slice(Math.max(0, index - context), index + context + 1).some((line) => line.sign !== " ");
  const nothing = lines.every((line) => line.sign === " ");
  let folded = false;
  return lines.map((line, index) => {
    const hidden = !open && lines.length > 12 && line.sign === " " && (nothing ? index >= context : !near(index));
    if (hidden) {
      if (folded) {
        return null;
      }
      folded = true;
      return (
        <button key={`fold ${line.before}`} type="button" className="l fold" onClick={() => setOpen(true)}>
          <i />
          <span className="t3">unchanged lines</span>
        </button>
      );
    }
    folded = false;
    return <Line key={`${line.sign}${line.before}-${line.after}`} line={line} />;
  });
}

const signs = { " ": " ", "+": "+", "-": "−" } as const;
const words = { " ": "", "+": "added: ", "-": "removed: " } as const;

function Line({ line }: { readonly line: DiffLine }) {
  const key = /^(\s*(?:- )*)([A-Za-z0-9_./-]+)(:.*)$/.exec(line.text);
  return (
    <div className={line.sign === "+" ? "l add" : line.sign === "-" ? "l del" : "l"}>
      <span className="ln">{line.after ?? line.before}</span>
      <i aria-hidden="true">{signs[line.sign]}</i>
      <span>
        {line.sign !== " " && <span className="vh">{words[line.sign]}</span>}
        {key ? (
          <>
            {key[1]}
            <span className="k">{key[2]}</span>
            {key[3]}
          </>
        ) : (
          line.text
        )}
      </span>
    </div>
  );
}
