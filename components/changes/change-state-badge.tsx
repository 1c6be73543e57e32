import { CircleCheck, CircleX, Clock, Hourglass, type LucideIcon, Pencil, Undo2 } from "lucide-react";
import type { ChangeState } from "@/server/contracts/changes.ts";
import { Badge, type Tone } from "../ui/badge.tsx";

const states: Record<ChangeState, { tone: Tone; icon: LucideIcon; word: string }> = {
  draft: { tone: "info", icon: Pencil, word: "Draft" },
  previewed: { tone: "info", icon: Pencil, word: "Previewed" },
  waiting: { tone: "info", icon: Hourglass, word: "Waiting for approval" },
  rejected: { tone: "error", icon: CircleX, word: "Rejected" },
  withdrawn: { tone: "none", icon: Undo2, word: "Withdrawn" },
  expired: { tone: "none", icon: Clock, word: "Expired" },
  applying: { tone: "accent", icon: Hourglass, word: "Applying" },
  verified: { tone: "ok", icon: CircleCheck, word: "Verified" },
  failed: { tone: "error", icon: CircleX, word: "Failed" },
  undone: { tone: "none", icon: Undo2, word: "Undone" },
};

/** Where a change stands. */
export function ChangeStateBadge({ state }: { readonly state: ChangeState }) {
  const { tone, icon, word } = states[state];
  return (
    <Badge tone={tone} icon={icon}>
      {word}
    </Badge>
  );
}
