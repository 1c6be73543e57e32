import {
  CircleCheck,
  CircleX,
  Hourglass,
  ListOrdered,
  LoaderCircle,
  type LucideIcon,
  Pause,
  Undo2,
} from "lucide-react";
import type { RolloutState } from "@/server/contracts/rollouts.ts";
import { Badge, type Tone } from "../../ui/badge.tsx";
import { stateWords } from "./rollout-words.ts";

const looks: Readonly<Record<RolloutState, { readonly tone: Tone; readonly icon: LucideIcon | null }>> = {
  queued: { tone: "info", icon: ListOrdered },
  waiting: { tone: "info", icon: Hourglass },
  preparing: { tone: "accent", icon: LoaderCircle },
  running: { tone: "canary", icon: null },
  paused: { tone: "warn", icon: Pause },
  completing: { tone: "accent", icon: LoaderCircle },
  "rolling-back": { tone: "warn", icon: Undo2 },
  completed: { tone: "ok", icon: CircleCheck },
  "rolled-back": { tone: "warn", icon: Undo2 },
  failed: { tone: "error", icon: CircleX },
  undone: { tone: "none", icon: Undo2 },
};

interface RolloutStateBadgeProps {
  readonly state: RolloutState;
  /** In place of the state's own word: "Running at 10 %". */
  readonly children?: string;
}

/** Where a release stands; the diamond of the new version while it runs. */
export function RolloutStateBadge({ state, children }: RolloutStateBadgeProps) {
  const { tone, icon } = looks[state];
  return (
    <Badge tone={tone} {...(icon && { icon })}>
      {icon === null && <CanaryMark />}
      <span className="trunc" title={children}>
        {children ?? stateWords[state]}
      </span>
    </Badge>
  );
}

/** The diamond that stands for the new version everywhere. */
function CanaryMark() {
  return (
    <svg width="8" height="8" aria-hidden="true" style={{ flex: "none" }}>
      <path d="M4 0L8 4L4 8L0 4Z" fill="var(--canary-fill)" />
    </svg>
  );
}
