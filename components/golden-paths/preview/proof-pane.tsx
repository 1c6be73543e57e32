"use client";

import { FlaskConical } from "lucide-react";
import type { ChangeDetails, ChangeSummary } from "@/server/contracts/changes.ts";
import { ProofTable } from "../../changes/proof-table.tsx";

interface ProofPaneProps {
  /** Requests that will be sent. */
  readonly probes: readonly string[];
  /** The change that was sent from this form, once there is one. */
  readonly change: ChangeSummary | ChangeDetails | null;
  /** The form says what is in force already. */
  readonly unchanged: boolean;
}

/** What will be proven after it is enforced, and, once it is, what came of it. */
export function ProofPane({ probes, change, unchanged }: ProofPaneProps) {
  const proven = change && "events" in change && change.probes.length > 0 ? change : null;
  if (proven && unchanged) {
    return <ProofTable change={proven} />;
  }
  return (
    <>
      {proven && <ProofTable change={proven} />}
      <div className="proof">
        <h3 className="h2">What will be proven</h3>
        {probes.length === 0 ? (
          <p className="t2 sm">
            No request can show this effect without doing something else too. The receipt says on how many proxies it is
            enforced.
          </p>
        ) : (
          <>
            <p className="t2 sm">
              Once every proxy enforces it, these requests are sent and their answers kept with the change.
            </p>
            <ul data-testid="will-be-proven">
              {probes.map((probe) => (
                <li key={probe}>
                  <FlaskConical className="ic ic-14 t3" aria-hidden="true" />
                  {probe}
                </li>
              ))}
            </ul>
          </>
        )}
      </div>
    </>
  );
}
