import type { LucideIcon } from "lucide-react";
import type { ReactNode } from "react";

export type Tone = "ok" | "warn" | "error" | "denied" | "info" | "mtls" | "stable" | "canary" | "accent" | "none";

/** A state in a word, with its glyph; the colour comes third. */
export function Badge({
  tone = "none",
  icon: Icon,
  children,
}: {
  readonly tone?: Tone;
  readonly icon?: LucideIcon;
  readonly children: ReactNode;
}) {
  return (
    <span className={tone === "none" ? "badge" : `badge is-${tone}`}>
      {Icon && <Icon className="ic" aria-hidden="true" />}
      {children}
    </span>
  );
}
