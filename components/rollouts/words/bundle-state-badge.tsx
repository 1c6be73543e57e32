import { CircleCheck, CircleX, Layers, LoaderCircle, type LucideIcon, Undo2 } from "lucide-react";
import type { BundleDetails } from "@/server/contracts/rollout-bundles.ts";
import { Badge, type Tone } from "../../ui/badge.tsx";

const looks: Readonly<
  Record<BundleDetails["state"], { readonly tone: Tone; readonly icon: LucideIcon; readonly word: string }>
> = {
  running: { tone: "canary", icon: Layers, word: "Running" },
  completed: { tone: "ok", icon: CircleCheck, word: "Completed" },
  "rolling-back": { tone: "warn", icon: LoaderCircle, word: "Rolling back" },
  "rolled-back": { tone: "warn", icon: Undo2, word: "Rolled back" },
  failed: { tone: "error", icon: CircleX, word: "Failed" },
};

/** Where a bundle stands. */
export function BundleStateBadge({ state }: Pick<BundleDetails, "state">) {
  const { tone, icon, word } = looks[state];
  return (
    <Badge tone={tone} icon={icon}>
      {word}
    </Badge>
  );
}
