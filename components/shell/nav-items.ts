import {
  Ban,
  FileClock,
  FileDiff,
  GitPullRequest,
  KeyRound,
  LayoutDashboard,
  type LucideIcon,
  Network,
  Route,
  Server,
  ShieldQuestionMark,
  SlidersHorizontal,
  Split,
  Terminal,
  Users,
  Waypoints,
} from "lucide-react";
import type { Me } from "@/server/contracts/me.ts";

export interface NavItem {
  readonly href: string;
  readonly title: string;
  readonly icon: LucideIcon;
  readonly group: "main" | "evidence" | "foot";
  /** Words that find it in the palette. */
  readonly keywords: string;
  /** Not offered to those who may not see it. */
  readonly visible?: (me: Me) => boolean;
}

/** Every page of the portal, in the order of the navigation. */
export const navItems: readonly NavItem[] = [
  { href: "/", title: "Overview", icon: LayoutDashboard, group: "main", keywords: "home start lead time" },
  { href: "/graph", title: "Traffic graph", icon: Waypoints, group: "main", keywords: "map topology mtls lock live" },
  { href: "/services", title: "Services", icon: Server, group: "main", keywords: "catalogue workloads pods" },
  { href: "/golden-paths", title: "Golden paths", icon: Route, group: "main", keywords: "forms new change" },
  {
    href: "/changes",
    title: "Changes",
    icon: GitPullRequest,
    group: "main",
    keywords: "history undo receipt approve approval reject withdraw waiting",
  },
  {
    href: "/rollouts",
    title: "Rollouts",
    icon: Split,
    group: "main",
    keywords: "release canary version weight promote abort pause blue green progressive mirror",
  },
  {
    href: "/drift",
    title: "Changed by others",
    icon: FileDiff,
    group: "main",
    keywords: "drift kubectl edited put back take over",
  },
  {
    href: "/what-if",
    title: "What if",
    icon: ShieldQuestionMark,
    group: "main",
    keywords: "can a call b may who policy check simulate",
  },
  { href: "/try-it", title: "Try it", icon: Terminal, group: "main", keywords: "send request curl" },
  { href: "/denials", title: "Denials", icon: Ban, group: "main", keywords: "why denied refused 403 rbac" },
  { href: "/mesh", title: "Mesh", icon: Network, group: "evidence", keywords: "nodes agents gateways certificates" },
  {
    href: "/audit",
    title: "Audit",
    icon: FileClock,
    group: "evidence",
    keywords: "log evidence who",
    visible: (me) => me.capabilities.readAudit,
  },
  {
    href: "/settings/guardrails",
    title: "Guardrails",
    icon: SlidersHorizontal,
    group: "foot",
    keywords: "settings approval freeze window defaults ranges limits who may use",
  },
  {
    href: "/settings/tokens",
    title: "API tokens",
    icon: KeyRound,
    group: "foot",
    keywords: "settings token cli command line programs secret scopes",
  },
  { href: "/teams", title: "Teams and access", icon: Users, group: "foot", keywords: "roles people members" },
];

/** Whether a page belongs to an entry: itself or one below it. */
export function isCurrent(item: NavItem, pathname: string): boolean {
  return item.href === "/" ? pathname === "/" : pathname === item.href || pathname.startsWith(`${item.href}/`);
}
