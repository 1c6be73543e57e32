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
import type { PathGroup, PathSlug } from "@/server/contracts/golden-paths/slug.ts";

interface PathTexts {
  readonly title: string;
  readonly group: PathGroup;
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
  "join-the-mesh": { title: "Join the mesh", group: "join", icon: Lock, tone: "c-mtls", ways: ["Join", "Leave"] },
  "require-mtls": {
    title: "Require mutual TLS",
    group: "access",
    icon: ShieldCheck,
    tone: "c-mtls",
    ways: ["Require", "No longer require"],
  },
  "give-a-waypoint": {
    title: "Give a namespace a waypoint",
    group: "join",
    icon: ArrowRightLeft,
    tone: "c-info",
    ways: ["Give", "Take away"],
  },
  "lock-down": {
    title: "Lock a namespace down",
    group: "access",
    icon: ShieldBan,
    tone: "c-denied",
    ways: ["Lock down", "Lift"],
  },
  "let-a-caller-in": {
    title: "Let a service call mine",
    group: "access",
    icon: UserCheck,
    tone: "c-ok",
    ways: ["Let in", "Withdraw"],
  },
  "block-a-caller": {
    title: "Block a caller",
    group: "access",
    icon: UserX,
    tone: "c-denied",
    ways: ["Block", "Lift"],
  },
  "require-sign-in": {
    title: "Require a signed-in user",
    group: "access",
    icon: BadgeCheck,
    tone: "c-ok",
    ways: ["Require", "No longer require"],
  },
  "ask-an-authorizer": {
    title: "Ask an external authorizer",
    group: "access",
    icon: HelpCircle,
    tone: "c-info",
    ways: ["Ask", "No longer ask"],
  },
  "expose-to-the-outside": {
    title: "Expose to the outside",
    group: "edges",
    icon: Globe,
    tone: "c-info",
    ways: ["Expose", "Take back"],
  },
  "allow-a-destination": {
    title: "Allow a destination outside",
    group: "edges",
    icon: DoorOpen,
    tone: "c-info",
    ways: ["Allow", "Take back"],
  },
  retries: { title: "Repeat calls that fail", group: "resilience", icon: Repeat, tone: "c-info", ways: set },
  timeouts: { title: "Stop waiting", group: "resilience", icon: Timer, tone: "c-info", ways: set },
  "circuit-breaker": { title: "Leave failing pods out", group: "resilience", icon: Zap, tone: "c-warn", ways: set },
  "rate-limit": {
    title: "Limit how often a service is called",
    group: "resilience",
    icon: Gauge,
    tone: "c-warn",
    ways: set,
  },
  "mirror-traffic": {
    title: "Send copies of real calls elsewhere",
    group: "resilience",
    icon: Copy,
    tone: "c-info",
    ways: ["Mirror", "Stop"],
  },
  "test-with-faults": {
    title: "Test with faults",
    group: "resilience",
    icon: Bomb,
    tone: "c-warn",
    ways: ["Test", "Stop"],
  },
  "prefer-the-zone": { title: "Prefer what is near", group: "places", icon: MapPin, tone: "c-info", ways: set },
  "release-a-version": {
    title: "Release a new version gradually",
    group: "release",
    icon: Split,
    tone: "c-info",
    ways: ["Share", "Stop sharing"],
  },
  "keep-in-region": { title: "Keep data in the region", group: "places", icon: MapPinned, tone: "c-info", ways: set },
};
