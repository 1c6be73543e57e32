import { cookies, headers } from "next/headers";
import { redirect } from "next/navigation";
import type { ReactNode } from "react";
import { Shell } from "@/components/shell/shell.tsx";
import { navCookie } from "@/components/shell/theme.ts";
import { Starting } from "@/components/sign-in/starting.tsx";
import { findSession } from "@/server/auth/sessions.ts";
import { readSessionCookie } from "@/server/http/cookies.ts";
import { meOf } from "@/server/http/routes/session.ts";
import { runningPortal } from "@/server/running-portal.ts";

/** Everything behind the sign-in: the session is looked up for every page. */
export default async function PortalLayout({ children }: { readonly children: ReactNode }) {
  const incoming = await headers();
  const portal = runningPortal();
  if (portal === undefined) {
    return <Starting />;
  }
  const token = readSessionCookie(incoming.get("cookie"), portal.config);
  const person = token === "" ? undefined : await findSession(portal.db, token, new Date());
  if (person === undefined) {
    const next = encodeURIComponent(incoming.get("x-path") ?? "/");
    redirect(`/sign-in?next=${next}${token === "" ? "" : "&ended=1"}`);
  }
  const kept = (await cookies()).get(navCookie)?.value;
  return (
    <Shell me={meOf(portal, person)} navWidth={kept === "rail" || kept === "full" ? kept : "auto"}>
      {children}
    </Shell>
  );
}
