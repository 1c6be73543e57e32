import Link from "next/link";
import type { ComponentProps } from "react";

/** A link inside the portal. Pages are live and need a session, so nothing is prefetched behind the person's back. */
export function AppLink(props: Omit<ComponentProps<typeof Link>, "prefetch">) {
  return <Link prefetch={false} {...props} />;
}
