import type { ChangeDetails } from "@/server/contracts/changes.ts";
import { duration, exact } from "../ui/format.ts";
import { Section } from "../ui/page.tsx";
import { standing } from "./change-words.ts";

/** The receipt's line and what else there is to know of a change: who, when, how long, where. */
export function ChangeFacts({ change }: { readonly change: ChangeDetails }) {
  const passed = change.probes.filter((probe) => probe.passed).length;
  const unapplied = ["waiting", "rejected", "withdrawn", "expired"].includes(change.state);
  return (
    <Section title="Receipt">
      <p className="med" data-testid="receipt-message" style={{ margin: "2px 0 8px", overflowWrap: "anywhere" }}>
        {change.receipt?.message ??
          (unapplied ? standing(change) : change.failure === "" ? "not yet" : "none: it failed")}
      </p>
      {change.failure !== "" && (
        <p className="sm c-error" style={{ marginBottom: 8 }}>
          {change.failure}
        </p>
      )}
      <dl className="kv">
        {change.probes.length > 0 && (
          <>
            <dt>Proof</dt>
            <dd className={passed === change.probes.length ? "c-ok" : "c-error"}>
              {passed} of {change.probes.length} requests answered as expected
            </dd>
          </>
        )}
        <dt>Author</dt>
        <dd>{change.author.name}</dd>
        <dt>Started</dt>
        <dd>{exact(change.createdUnixMs)}</dd>
        {change.finishedUnixMs !== null && (
          <>
            <dt>Took</dt>
            <dd>{duration(change.finishedUnixMs - change.createdUnixMs)}</dd>
          </>
        )}
        {change.leadTimeMs !== null && (
          <>
            <dt>Lead time</dt>
            <dd>{duration(change.leadTimeMs)} from opening the form</dd>
          </>
        )}
        {change.state === "waiting" && change.expiresUnixMs !== null && (
          <>
            <dt>Expires</dt>
            <dd>{exact(change.expiresUnixMs)}</dd>
          </>
        )}
        <dt>Where</dt>
        <dd>{change.namespaces.join(", ")}</dd>
        {!change.undoable && change.undoBlockedBecause !== "" && (
          <>
            <dt>Undo</dt>
            <dd className="t2">{change.undoBlockedBecause}</dd>
          </>
        )}
      </dl>
    </Section>
  );
}
