"use client";

import { ChevronRight } from "lucide-react";
import { type ReactNode, useId, useState } from "react";
import { useNotes } from "../form/path-form.ts";

interface MoreProps {
  /** What is inside, so that nobody has to look: "wait between tries, budget". */
  readonly inside: string;
  /** Dotted paths of the fields inside: it opens by itself when one of them has a problem. */
  readonly names: readonly string[];
  /** It starts open, because something inside is not as usual. */
  readonly used: boolean;
  readonly children: ReactNode;
}

/** Fields that are seldom needed, folded away. */
export function More({ inside, names, used, children }: MoreProps) {
  const { problems } = useNotes();
  const [asked, setAsked] = useState<boolean | null>(null);
  const id = useId();
  const wrong = [...problems.keys()].some((path) => names.some((name) => path === name || path.startsWith(`${name}.`)));
  const open = wrong || (asked ?? used);
  return (
    <div className="more">
      <button
        type="button"
        className="more-head"
        aria-expanded={open}
        aria-controls={id}
        onClick={() => setAsked(!open)}
      >
        <ChevronRight className="ic ic-14" aria-hidden="true" />
        <span className="med">{open ? "Less" : "More"}</span> <span className="t3 trunc">{inside}</span>
      </button>
      <div id={id} hidden={!open} className="more-body">
        {children}
      </div>
    </div>
  );
}
