"use client";

import { PencilLine } from "lucide-react";
import type { DriftItem } from "@/server/contracts/drift.ts";
import { LinkButton } from "../ui/button.tsx";
import { plural } from "../ui/format.ts";
import { Note } from "../ui/states.tsx";
import { keyOf, nameOf } from "./drift-words.ts";

const shownMost = 3;

/** A notice where others changed what a path wrote; nothing at all where nobody did. */
export function DriftNotices({ items }: { readonly items: readonly DriftItem[] | undefined }) {
  if (!items || items.length === 0) {
    return null;
  }
  const more = items.length - shownMost;
  return (
    <div className="drift-notice" data-testid="drift-notice">
      <Note tone="warn" icon={PencilLine}>
        <div className="row spread wrap">
          <b>{plural(items.length, "resource")} changed by others</b>
          <LinkButton size="s" href="/drift">
            Compare
          </LinkButton>
        </div>
        <ul>
          {items.slice(0, shownMost).map((item) => (
            <li key={keyOf(item)}>
              <span className="mono">{nameOf(item)}</span>
              {item.by !== "" && <> by {item.by}</>}: {item.effect}
            </li>
          ))}
          {more > 0 && <li>and {more} more</li>}
        </ul>
      </Note>
    </div>
  );
}
