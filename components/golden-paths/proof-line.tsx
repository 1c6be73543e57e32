"use client";

import { CircleCheck, CircleX } from "lucide-react";
import type { ChangeDetails, ChangeSummary } from "@/server/contracts/changes.ts";
import { useUrlState } from "../query/url-state.ts";
import { plural } from "../ui/format.ts";

/** How the requests that were sent for proof came out, in a line that leads to them. */
export function ProofLine({ change }: { readonly change: ChangeSummary | ChangeDetails }) {
  const { change: changeUrl } = useUrlState();
  const { probes } = change;
  if (probes.length === 0) {
    return null;
  }
  const passed = probes.filter((probe) => probe.passed).length;
  const all = passed === probes.length;
  const Icon = all ? CircleCheck : CircleX;
  return (
    <p className="row sm" data-testid="proof-line" data-passed={all}>
      <Icon className={all ? "ic ic-14 c-ok" : "ic ic-14 c-error"} aria-hidden="true" />
      <span className="grow">
        {all
          ? `${plural(passed, "request")} sent for proof, answered as expected`
          : `${passed} of ${plural(probes.length, "request")} sent for proof answered as expected`}
      </span>
      <button type="button" className="link xs" onClick={() => changeUrl({ tab: "proof" })}>
        Show
      </button>
    </p>
  );
}
