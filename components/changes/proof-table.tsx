import { CircleCheck, CircleX } from "lucide-react";
import type { ChangeDetails, ProbeResult } from "@/server/contracts/changes.ts";
import { CopyButton } from "../ui/copy-button.tsx";
import { milliseconds, textOf } from "../ui/format.ts";
import { ScrollX } from "../ui/scroll-x.tsx";
import { TimeAgo } from "../ui/time-ago.tsx";
import { expectedWords, isFinal } from "./change-words.ts";

/** Requests that were sent after a change was enforced, and whether they met what it promised. */
export function ProofTable({ change }: { readonly change: ChangeDetails }) {
  if (change.probes.length === 0) {
    return (
      <p className="t2 sm" style={{ padding: "16px var(--page-x)" }}>
        {!isFinal(change.state)
          ? "Requests are sent for proof once it is enforced on every proxy."
          : change.state === "verified" || change.state === "undone"
            ? "No request was sent for proof: none could show this effect without doing something else too."
            : "No request was sent: it was not applied."}
      </p>
    );
  }
  return (
    <ScrollX label="Requests sent for proof">
      <table className="table" data-testid="probes" style={{ "--pad-x": "var(--page-x)" } as React.CSSProperties}>
        <thead>
          <tr>
            <th scope="col">Request</th>
            <th scope="col">Expected</th>
            <th scope="col">Got</th>
            <th scope="col" className="num">
              Took
            </th>
            <th scope="col" className="num">
              When
            </th>
            <td />
          </tr>
        </thead>
        <tbody>
          {change.probes.map((probe) => (
            <Row key={`${probe.sentence} ${probe.atUnixMs}`} probe={probe} />
          ))}
        </tbody>
      </table>
    </ScrollX>
  );
}

/** Sentences share the room that figures and the button leave. */
const wraps = { whiteSpace: "normal", minWidth: 180, paddingBlock: 6, overflowWrap: "anywhere" } as const;

function Row({ probe }: { readonly probe: ProbeResult }) {
  const { sentence, command, passed, words, atUnixMs, ms } = probe;
  const Icon = passed ? CircleCheck : CircleX;
  return (
    <tr data-testid="probe" data-passed={passed}>
      <td style={wraps}>{sentence}</td>
      <td className="t2">{expectedWords(probe)}</td>
      <td style={wraps}>
        <span className={passed ? "st c-ok" : "st c-error"}>
          <Icon className="ic ic-14" role="img" aria-label={passed ? "As expected" : "Not as expected"} />
          {words}
        </span>
      </td>
      <td className="num">{textOf(milliseconds(ms))}</td>
      <td className="num t2">
        <TimeAgo at={atUnixMs} />
      </td>
      <td className="num">
        <CopyButton text={command} label="Command" />
      </td>
    </tr>
  );
}
