import { Lock, type LucideIcon, ShieldBan, ShieldCheck, UserCheck } from "lucide-react";
import type { PathSlug } from "@/server/contracts/golden-paths.ts";

interface PathTexts {
  readonly title: string;
  readonly group: string;
  readonly icon: LucideIcon;
  /** The two ways of a path: do it, or take it back. */
  readonly ways: readonly [string, string];
}

/** Words of the forms that need no answer from the portal. */
export const pathTexts: Record<PathSlug, PathTexts> = {
  "join-the-mesh": { title: "Join the mesh", group: "Join", icon: Lock, ways: ["Join", "Leave"] },
  "require-mtls": {
    title: "Require mutual TLS",
    group: "Access",
    icon: ShieldCheck,
    ways: ["Require", "No longer require"],
  },
  "lock-down": { title: "Lock a namespace down", group: "Access", icon: ShieldBan, ways: ["Lock down", "Lift"] },
  "let-a-caller-in": {
    title: "Let a service call mine",
    group: "Access",
    icon: UserCheck,
    ways: ["Let in", "Withdraw"],
  },
};
