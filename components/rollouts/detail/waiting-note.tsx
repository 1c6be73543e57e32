"use client";

import { Hourglass, ListOrdered } from "lucide-react";
import { endpoints } from "@/server/contracts/endpoints.ts";
import { bundleDetails } from "@/server/contracts/rollout-bundles.ts";
import type { RolloutDetails } from "@/server/contracts/rollouts.ts";
import { queryKeys } from "../../query/query-keys.ts";
import { usePortalQuery } from "../../query/use-portal-query.ts";
import { AppLink } from "../../ui/app-link.tsx";
import { Note } from "../../ui/states.tsx";
import { useActiveRollouts } from "../use-active-rollouts.ts";
import { waitsFor } from "./waiting-words.ts";

const everyMs = 5000;

/** What a release waits for before it begins: its turn, its bundle, or other teams. */
export function WaitingNote({ details }: { readonly details: RolloutDetails }) {
  const { state, bundle, changes } = details;
  if (state === "queued") {
    return bundle === null ? <Queued details={details} /> : <QueuedInBundle details={details} id={bundle.id} />;
  }
  if (state !== "waiting") {
    return null;
  }
  const change = changes.find((one) => one.state === "waiting");
  return (
    <Note tone="info" icon={Hourglass}>
      <b>Its first change waits for other teams.</b> Nothing is moved before they agree.{" "}
      {change && (
        <AppLink className="link" href={`/changes/${change.id}`}>
          Change {change.number}
        </AppLink>
      )}
    </Note>
  );
}

interface QueuedProps {
  readonly details: RolloutDetails;
  readonly bundle?: Parameters<typeof waitsFor>[2];
}

function Queued({ details, bundle }: QueuedProps) {
  const { service } = details;
  const { title, next, release } = waitsFor(details, useActiveRollouts(), bundle);
  return (
    <div data-testid="waits">
      <Note tone="info" icon={ListOrdered}>
        <b>{title}.</b> {next}{" "}
        <AppLink
          className="link"
          href={release ? `/rollouts/${release.id}` : `/rollouts?service=${service.namespace}/${service.name}`}
        >
          {release ? `Release ${release.number}` : `Releases of ${service.name}`}
        </AppLink>
      </Note>
    </div>
  );
}

function QueuedInBundle({ details, id }: { readonly details: RolloutDetails; readonly id: string }) {
  const bundle = usePortalQuery(queryKeys.rolloutBundle(id), bundleDetails, endpoints.rolloutBundle(id), everyMs);
  return <Queued details={details} {...(bundle.data && { bundle: bundle.data })} />;
}
