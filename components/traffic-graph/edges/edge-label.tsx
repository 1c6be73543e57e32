import { Ban, Lock, LockOpen } from "lucide-react";
import { classNames } from "../../ui/class-names.ts";
import { shareShort } from "../../ui/format.ts";
import { useSelect } from "../select-context.tsx";
import type { EdgeData } from "../to-flow.ts";

function lockTitle(share: number): string {
  return share === 1
    ? "Mutually authenticated, all requests in the window"
    : `Open lock: ${shareShort(share)} of the requests in the window were mutually authenticated`;
}

/** The words of an edge, and its lock in the middle. Both open the panel. */
export function EdgeLabel({ id, data }: { readonly id: string; readonly data: EdgeData }) {
  const select = useSelect();
  const { look, middle, direction, selected, dimmed, sentence, edge } = data;
  const open = () => select({ kind: "edge", id });
  const wide = look.refused === "some" || (look.lock !== null && look.lock < 1);
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
      <span className="gchips">
        {look.lock !== null && (
          <button
            type="button"
            className={classNames("gchip", look.lock < 1 && "is-part", selected && "is-selected")}
            data-testid={`lock-${name}`}
            data-lock={look.lock < 1 ? "open" : "closed"}
            aria-label={`${sentence}: details`}
            title={lockTitle(look.lock)}
            onClick={open}
          >
            {look.lock < 1 ? (
              <LockOpen className="ic ic-12" aria-hidden="true" />
            ) : (
              <Lock className="ic ic-12" aria-hidden="true" />
            )}
            {look.lock < 1 && <span className="tn">{shareShort(look.lock)}</span>}
          </button>
        )}
        {look.refused !== "none" && (
          <button
            type="button"
            className={classNames("gchip is-denied", selected && "is-selected")}
            data-testid={`denied-${name}`}
            aria-label={`${sentence}: why it was denied`}
            title={look.refused === "all" ? "Denied by policy" : "Some were denied by policy"}
            onClick={open}
          >
            <Ban className="ic ic-12" aria-hidden="true" />
          </button>
        )}
      </span>
      {look.primary !== "" && (
        <button
          type="button"
          className={classNames(
            "gwords",
            look.lock === null && look.refused === "none" && "is-alone",
            wide && "is-wide",
          )}
          onClick={open}
          aria-label={`${sentence}: details`}
        >
          <span className={`gword is-${look.tone}`}>{look.primary}</span>
          {look.secondary !== "" && (
            <span className={classNames("gword-2", look.refused === "some" && "is-denied")}>{look.secondary}</span>
          )}
        </button>
      )}
    </div>
  );
}
