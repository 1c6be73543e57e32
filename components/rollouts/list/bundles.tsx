"use client";

import { CircleCheck, CircleX, Layers, LoaderCircle, type LucideIcon, Undo2 } from "lucide-react";
import { useState } from "react";
import { endpoints } from "@/server/contracts/endpoints.ts";
import { type BundleDetails, bundleList } from "@/server/contracts/rollouts.ts";
import { queryKeys } from "../../query/query-keys.ts";
import { usePortalQuery } from "../../query/use-portal-query.ts";
import { AppLink } from "../../ui/app-link.tsx";
import { Badge, type Tone } from "../../ui/badge.tsx";
import { Button } from "../../ui/button.tsx";
import { TimeAgo } from "../../ui/time-ago.tsx";
import { RolloutStateBadge } from "../words/rollout-state-badge.tsx";
import { BundleAbortDialog } from "./bundle-abort-dialog.tsx";

const looks: Readonly<
  Record<BundleDetails["state"], { readonly tone: Tone; readonly icon: LucideIcon; readonly word: string }>
> = {
  running: { tone: "canary", icon: Layers, word: "Running" },
  completed: { tone: "ok", icon: CircleCheck, word: "Completed" },
  "rolling-back": { tone: "warn", icon: LoaderCircle, word: "Rolling back" },
  "rolled-back": { tone: "warn", icon: Undo2, word: "Rolled back" },
  failed: { tone: "error", icon: CircleX, word: "Failed" },
};

/** Releases that belong together, in their order; one act takes all of them back. */
export function Bundles() {
  const list = usePortalQuery(queryKeys.rolloutBundles, bundleList, endpoints.rolloutBundles, 5000);
  const bundles = list.data?.bundles ?? [];
  if (bundles.length === 0) {
    return null;
  }
  return (
    <section className="bundles" aria-label="Bundles" data-testid="bundles">
      <div className="section-head">
        <h2>Bundles</h2>
        <span className="sub">releases of several services that belong together</span>
      </div>
      <ul>
        {bundles.map((bundle) => (
          <Bundle key={bundle.id} bundle={bundle} />
        ))}
      </ul>
    </section>
  );
}

function Bundle({ bundle }: { readonly bundle: BundleDetails }) {
  const [asking, setAsking] = useState(false);
  const { tone, icon, word } = looks[bundle.state];
  return (
    <li
      className="line bundle"
      id={`bundle-${bundle.id}`}
      data-testid={`bundle-${bundle.id}`}
      data-state={bundle.state}
    >
      <div className="bundle-title">
        <b className="med">{bundle.title}</b>
        <span className="cap">
          {bundle.order === "in-order" ? "one after the other" : "all at once"}
          {bundle.abortTogether && ", back together"} · {bundle.startedBy.name}, <TimeAgo at={bundle.createdUnixMs} />
        </span>
      </div>
      <Badge tone={tone} icon={icon}>
        {word}
      </Badge>
      <ol className={bundle.order === "in-order" ? "members is-ordered" : "members"}>
        {bundle.rollouts.map((rollout) => (
          <li key={rollout.id}>
            <AppLink className="rowlink" href={`/rollouts/${rollout.id}`}>
              {rollout.service.name} {rollout.canary}
            </AppLink>
            <RolloutStateBadge state={rollout.state} />
          </li>
        ))}
      </ol>
      {bundle.abortable && (
        <Button
          size="s"
          look="danger"
          icon={Undo2}
          onClick={() => setAsking(true)}
          data-testid={`abort-bundle-${bundle.id}`}
        >
          Abort all
        </Button>
      )}
      {asking && <BundleAbortDialog bundle={bundle} onClose={() => setAsking(false)} />}
    </li>
  );
}
