"use client";

import { Check, ChevronRight, TriangleAlert } from "lucide-react";
import type { RolloutDetails, VersionFigures } from "@/server/contracts/rollouts.ts";
import { Badge } from "../../ui/badge.tsx";
import { count, plural } from "../../ui/format.ts";

/** Pods of both versions: how many are ready, and each of them on demand. */
export function PodsSection({ versions }: Pick<RolloutDetails, "versions">) {
  return (
    <section className="ro-pods" aria-label="Pods" data-testid="pods">
      <div className="section-head">
        <h2>Pods</h2>
      </div>
      {versions.map((version) => (
        <PodsOfVersion key={version.role} version={version} />
      ))}
    </section>
  );
}

function PodsOfVersion({ version: { version, role, pods } }: { readonly version: VersionFigures }) {
  const ready = pods.filter((pod) => pod.ready).length;
  const restarts = pods.reduce((sum, pod) => sum + pod.restarts, 0);
  const fine = pods.length > 0 && ready === pods.length;
  const [first] = pods;
  return (
    <details className="pod-version" data-testid={`pods-${role}`}>
      <summary className="pod">
        <ChevronRight className="ic ic-12 t3" aria-hidden="true" />
        <span className={role === "canary" ? "ver is-canary sm" : "ver sm"}>{version}</span>
        <span className="sm t3 mono trunc">{first ? stem(first.name) : "none"}</span>
        {restarts > 0 && <span className="xs c-warn nowrap">{plural(restarts, "restart")}</span>}
        <span className="right">
          <Badge tone={fine ? "ok" : "warn"} icon={fine ? Check : TriangleAlert}>
            {pods.length === 0 ? "no pod" : `${ready} of ${count(pods.length)} ready`}
          </Badge>
        </span>
      </summary>
      <ul>
        {pods.map((pod) => (
          <li key={pod.name} className="pod-one">
            <span className={pod.ready ? "dot is-ok" : "dot is-warn"} aria-hidden="true" />
            <span className="mono trunc grow" title={pod.name}>
              {pod.name}
            </span>
            <span className="t3 nowrap">
              {pod.ready ? "ready" : pod.phase}, {pod.node}
              {pod.restarts > 0 && `, ${plural(pod.restarts, "restart")}`}
            </span>
          </li>
        ))}
      </ul>
    </details>
  );
}

/** A pod's name without what tells it from its siblings. */
const stem = (name: string): string => name.replace(/-[a-z0-9]{4,5}$/, "");
