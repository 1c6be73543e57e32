import { Ban, Lock, LockOpen } from "lucide-react";
import { classNames } from "../../ui/class-names.ts";
import { shareShort } from "../../ui/format.ts";
import type { EdgeLook } from "../edge-look.ts";
import { targetSide } from "../layout/label-room.ts";
import { useSelect } from "../select-context.tsx";
import type { EdgeData } from "../to-flow.ts";

/** Widths in the picture, as in the style sheet; `beside` is what stays free to both sides of several glyphs. */
const glyph = { plain: 22, withShare: 54, gap: 3, beside: 8 };

function lockTitle(share: number): string {
  return share === 1
    ? "Mutually authenticated, all requests in the window"
    : `Open lock: ${shareShort(share)} of the requests in the window were mutually authenticated`;
}

/** Room of the glyphs on the line, at least a target; without any, the words begin beside the line. */
function glyphsWidth({ lock, refused }: EdgeLook): number {
  const widths = [
    ...(lock === null ? [] : [lock < 1 ? glyph.withShare : glyph.plain]),
    ...(refused === "none" ? [] : [glyph.plain]),
  ];
  if (widths.length === 0) {
    return targetSide - 14;
  }
  const sum = widths.reduce((total, width) => total + width, glyph.gap * (widths.length - 1));
  return Math.max(targetSide, sum + 2 * glyph.beside);
}

/** The words of an edge and the glyphs in its middle: together one button that opens the panel. */
export function EdgeLabel({ id, data }: { readonly id: string; readonly data: EdgeData }) {
  const select = useSelect();
  const { look, middle, direction, selected, dimmed, sentence, edge } = data;
  const bare = look.lock === null && look.refused === "none";
  const name = `${edge.from}-${edge.to}`;
  return (
    <div
      className={classNames("glabel nopan", `is-${direction}`, dimmed && "is-dim")}
      style={{ transform: `translate(${middle.x}px, ${middle.y}px)` }}
      data-testid={`edge-${name}`}
      data-tone={look.tone}
      data-refused={look.refused}
      data-mtls={edge.mtlsShare ?? "unknown"}
    >
      {!(bare && look.primary === "") && (
        <button
          type="button"
          className={classNames(
            "gopen",
            bare && "is-bare",
            look.primary !== "" && "has-words",
            selected && "is-selected",
          )}
          style={{ "--glyphs": `${glyphsWidth(look)}px` } as React.CSSProperties}
          aria-label={`${sentence}: ${look.refused === "all" ? "why it was denied" : "details"}`}
          onClick={() => select({ kind: "edge", id })}
        >
          {!bare && <Glyphs look={look} name={name} />}
          {look.primary !== "" && <span className={`gword is-${look.tone}`}>{look.primary}</span>}
          {look.secondary !== "" && (
            <span className={classNames("gword-2", look.refused === "some" && "is-denied")}>{look.secondary}</span>
          )}
        </button>
      )}
    </div>
  );
}

/** The lock, open with its share when not all was authenticated, and the sign of refusals. */
function Glyphs({ look, name }: { readonly look: EdgeLook; readonly name: string }) {
  const { lock, refused } = look;
  const part = lock !== null && lock < 1;
  const LockIcon = part ? LockOpen : Lock;
  return (
    <span className="gchips">
      {lock !== null && (
        <span
          className={classNames("gchip", part && "is-part")}
          data-testid={`lock-${name}`}
          data-lock={part ? "open" : "closed"}
          title={lockTitle(lock)}
        >
          <LockIcon className="ic ic-12" aria-hidden="true" />
          {part && <span className="tn">{shareShort(lock)}</span>}
        </span>
      )}
      {refused !== "none" && (
        <span
          className="gchip is-denied"
          data-testid={`denied-${name}`}
          title={refused === "all" ? "Denied by policy" : "Some were denied by policy"}
        >
          <Ban className="ic ic-12" aria-hidden="true" />
        </span>
      )}
    </span>
  );
}
