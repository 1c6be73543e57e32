"use client";

import { notifyManager, useQueryClient } from "@tanstack/react-query";
import { useSyncExternalStore } from "react";
import { PortalError } from "../query/portal-error.ts";
import { Note } from "../ui/states.tsx";

/** Says that the portal itself is away; old figures stay on the page. It goes when anything answers again. */
export function OfflineBanner() {
  const client = useQueryClient();
  const offline = useSyncExternalStore(
    (notify) => client.getQueryCache().subscribe(notifyManager.batchCalls(notify)),
    () => {
      const active = client.getQueryCache().findAll({ type: "active" });
      const isAway = (error: unknown) =>
        error instanceof PortalError && (error.code === "offline" || error.code === "starting");
      const failing = active.filter((query) => isAway(query.state.error ?? query.state.fetchFailureReason));
      return failing.length > 0 && failing.length * 2 >= active.length;
    },
    () => false,
  );
  if (!offline) {
    return null;
  }
  return (
    <div className="stale is-page" role="status">
      <Note tone="warn">
        <b>The portal does not answer.</b> Figures stand still; the mesh enforces on. Trying again by itself.
      </Note>
    </div>
  );
}
