"use client";

import { createContext, type ReactNode, use } from "react";
import type { Me } from "@/server/contracts/me.ts";

const MeContext = createContext<Me | null>(null);

/** Who is signed in, as the server said when it rendered the page. */
export function MeProvider({ me, children }: { readonly me: Me; readonly children: ReactNode }) {
  return <MeContext value={me}>{children}</MeContext>;
}

/**
 * The signed-in person and what they may do. The server checks every request again; this only decides what to offer.
 *
 * @throws Error outside the signed-in part of the portal
 */
export function useMe(): Me {
  const me = use(MeContext);
  if (me === null) {
    throw new Error("useMe is for pages behind the sign-in");
  }
  return me;
}
