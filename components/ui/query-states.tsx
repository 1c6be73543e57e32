"use client";

import type { ReactNode } from "react";
import { titleOf, userMessageOf } from "../query/portal-error.ts";
import { Failure } from "./states.tsx";

interface QueryFailureProps {
  readonly error: unknown;
  readonly onRetry: () => void;
  readonly action?: ReactNode;
}

/** A failed query in words. */
export function QueryFailure({ error, onRetry, action }: QueryFailureProps) {
  return (
    <Failure title={titleOf(error)} onRetry={onRetry} action={action}>
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
