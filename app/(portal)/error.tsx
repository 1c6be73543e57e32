"use client";

import { Page } from "@/components/ui/page.tsx";
import { Failure } from "@/components/ui/states.tsx";

/** A page that failed, inside the frame: everything else still works. */
export default function PageError({ reset }: { readonly error: Error; readonly reset: () => void }) {
  return (
    <Page>
      <Failure title="This page failed" onRetry={reset}>
        The mesh is not touched by it. Try again; if it stays, look at the portal's log.
      </Failure>
    </Page>
  );
}
