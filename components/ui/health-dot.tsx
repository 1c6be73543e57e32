import type { Health } from "@/server/contracts/names.ts";

const look: Record<Health, { className: string; word: string }> = {
  healthy: { className: "is-ok", word: "Healthy" },
  degraded: { className: "is-warn", word: "Degraded" },
  failing: { className: "is-error", word: "Failing" },
  idle: { className: "is-idle", word: "Idle" },
  unknown: { className: "is-idle", word: "Not known" },
};

/** The shape of a state; the word is on hover and read out. */
export function HealthDot({ health }: { readonly health: Health }) {
  const { className, word } = look[health];
  return <span className={`dot ${className}`} role="img" aria-label={word} title={word} />;
}
