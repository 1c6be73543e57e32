"use client";

import { Undo2 } from "lucide-react";
import { useState } from "react";
import { endpoints } from "@/server/contracts/endpoints.ts";
import { type BundleDetails, bundleList } from "@/server/contracts/rollout-bundles.ts";
import { queryKeys } from "../../query/query-keys.ts";
import { usePortalQuery } from "../../query/use-portal-query.ts";
import { AppLink } from "../../ui/app-link.tsx";
import { Button } from "../../ui/button.tsx";
import { TimeAgo } from "../../ui/time-ago.tsx";
import { BundleStateBadge } from "../words/bundle-state-badge.tsx";
import { bundleWords } from "../words/bundle-words.ts";
import { RolloutStateBadge } from "../words/rollout-state-badge.tsx";
import { BundleAbortDialog } from "./bundle-abort-dialog.tsx";

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
  return (
    <li
      className="line bundle"
      id={`bundle-${bundle.id}`}
      data-testid={`bundle-${bundle.id}`}
      data-state={bundle.state}
    >
      <div className="bundle-title">
        <AppLink className="rowlink med" href={`/rollouts/bundles/${bundle.id}`}>
          {bundle.title}
        </AppLink>
        <span className="cap">
          {bundleWords(bundle)} · {bundle.startedBy.name}, <TimeAgo at={bundle.createdUnixMs} />
        </span>
        {bundle.words !== "" && <span className="cap c-warn bundle-words">{bundle.words}</span>}
      </div>
      <BundleStateBadge state={bundle.state} />
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
      {bundle.words !== "" && <p className="xs t2">{bundle.words}</p>}
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
