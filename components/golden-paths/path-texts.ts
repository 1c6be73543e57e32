import {
  ArrowRightLeft,
  BadgeCheck,
  Bomb,
  Copy,
  DoorOpen,
  Gauge,
  Globe,
  HelpCircle,
  Lock,
  type LucideIcon,
  MapPin,
  MapPinned,
  Repeat,
  ShieldBan,
  ShieldCheck,
  Split,
  Timer,
  UserCheck,
  UserX,
  Zap,
} from "lucide-react";
import { type PathHead, pathHeads } from "@/server/contracts/golden-paths/heads.ts";
import type { PathGroup, PathSlug } from "@/server/contracts/golden-paths/slug.ts";

interface PathTexts extends PathHead {
  readonly icon: LucideIcon;
  /** Class of the glyph's colour. */
  readonly tone: string;
  /** The two ways of a path: do it, or take it back. */
  readonly ways: readonly [string, string];
}

/** Headings of the gallery. */
export const groupTitles: Readonly<Record<PathGroup, string>> = {
  join: "Join",
  access: "Access",
  edges: "In and out",
  release: "Releases",
  resilience: "Resilience",
  places: "Zones and regions",
};

const set = ["Set", "Take back"] as const;

/** Words of the forms that need no answer from the portal. */
export const pathTexts: Readonly<Record<PathSlug, PathTexts>> = {
  "join-the-mesh": { ...pathHeads["join-the-mesh"], icon: Lock, tone: "c-mtls", ways: ["Join", "Leave"] },
  "require-mtls": {
    ...pathHeads["require-mtls"],
    icon: ShieldCheck,
    tone: "c-mtls",
    ways: ["Require", "No longer require"],
  },
  "give-a-waypoint": {
    ...pathHeads["give-a-waypoint"],
    icon: ArrowRightLeft,
    tone: "c-info",
    ways: ["Give", "Take away"],
  },
  "lock-down": {
    ...pathHeads["lock-down"],
    icon: ShieldBan,
    tone: "c-denied",
    ways: ["Lock down", "Lift"],
  },
  "let-a-caller-in": {
    ...pathHeads["let-a-caller-in"],
    icon: UserCheck,
    tone: "c-ok",
    ways: ["Let in", "Withdraw"],
  },
  "block-a-caller": {
    ...pathHeads["block-a-caller"],
    icon: UserX,
    tone: "c-denied",
    ways: ["Block", "Lift"],
  },
  "require-sign-in": {
    ...pathHeads["require-sign-in"],
    icon: BadgeCheck,
    tone: "c-ok",
    ways: ["Require", "No longer require"],
  },
  "ask-an-authorizer": {
    ...pathHeads["ask-an-authorizer"],
    icon: HelpCircle,
    tone: "c-info",
    ways: ["Ask", "No longer ask"],
  },
  "expose-to-the-outside": {
    ...pathHeads["expose-to-the-outside"],
    icon: Globe,
    tone: "c-info",
    ways: ["Expose", "Take back"],
  },
  "allow-a-destination": {
    ...pathHeads["allow-a-destination"],
    icon: DoorOpen,
    tone: "c-info",
    ways: ["Allow", "Take back"],
  },
  retries: { ...pathHeads.retries, icon: Repeat, tone: "c-info", ways: set },
  timeouts: { ...pathHeads.timeouts, icon: Timer, tone: "c-info", ways: set },
  "circuit-breaker": { ...pathHeads["circuit-breaker"], icon: Zap, tone: "c-warn", ways: set },
  "rate-limit": {
    ...pathHeads["rate-limit"],
    icon: Gauge,
    tone: "c-warn",
    ways: set,
  },
  "mirror-traffic": {
    ...pathHeads["mirror-traffic"],
    icon: Copy,
    tone: "c-info",
    ways: ["Mirror", "Stop"],
  },
  "test-with-faults": {
    ...pathHeads["test-with-faults"],
    icon: Bomb,
    tone: "c-warn",
    ways: ["Test", "Stop"],
  },
  "prefer-the-zone": { ...pathHeads["prefer-the-zone"], icon: MapPin, tone: "c-info", ways: set },
  "release-a-version": {
    ...pathHeads["release-a-version"],
    icon: Split,
    tone: "c-info",
    ways: ["Share", "Stop sharing"],
  },
  "keep-in-region": { ...pathHeads["keep-in-region"], icon: MapPinned, tone: "c-info", ways: set },
};
