"use client";

import type { ReactNode } from "react";
import { PortalError, titleOf, userMessageOf } from "../query/portal-error.ts";
import { Failure } from "./states.tsx";

interface QueryFailureProps {
  readonly error: unknown;
  readonly onRetry: () => void;
  readonly action?: ReactNode;
}

/** A failed query in words; trying again is offered where it could help. */
export function QueryFailure({ error, onRetry, action }: QueryFailureProps) {
  const hopeless = error instanceof PortalError && (error.code === "forbidden" || error.code === "not-found");
  return (
    <Failure title={titleOf(error)} action={action} {...(!hopeless && { onRetry })}>
      {userMessageOf(error)}
    </Failure>
  );
}

/** Says what is waited for; appears late, so that a quick answer does not flash. */
export function LoadingLine({ children }: { readonly children: ReactNode }) {
  return (
    <p className="loading-line" role="status">
      <span className="spin" aria-hidden="true" />
      {children}
    </p>
  );
}
