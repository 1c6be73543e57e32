/** What tokens may do, and when they end, in words. Pure. */
import type { ApiToken, TokenScope } from "@/server/contracts/api-tokens.ts";

export const scopeTexts: Readonly<Record<TokenScope, { readonly title: string; readonly line: string }>> = {
  "rollouts:read": { title: "Read releases", line: "List and watch them, read reports" },
  "rollouts:control": { title: "Control releases", line: "Promote, pause, resume, abort, undo" },
  "rollouts:start": { title: "Start releases", line: "Begin one, a bundle of them, or one again" },
};

/** Lifetimes that are offered, in days. */
export const lifetimes: readonly { readonly days: number; readonly title: string }[] = [
  { days: 7, title: "7 days" },
  { days: 30, title: "30 days" },
  { days: 90, title: "90 days" },
  { days: 365, title: "a year" },
];

const dayMs = 86_400_000;

/** "ends in 18 days", "ends today", "ended". */
export function endWords(
  { expired, expiresUnixMs }: Pick<ApiToken, "expired" | "expiresUnixMs">,
  nowMs: number,
): string {
  const left = expiresUnixMs - nowMs;
  if (expired || left <= 0) {
    return "ended";
  }
  const days = Math.round(left / dayMs);
  return left < dayMs ? "ends within a day" : `ends in ${days === 1 ? "1 day" : `${days} days`}`;
}

/** Command lines to begin with; the secret is read from the environment, never written into a line. */
export function hintLines(portalUrl: string): readonly { readonly title: string; readonly command: string }[] {
  return [
    { title: "Releases that are not over", command: "npx towpath rollouts list" },
    { title: "Follow one until it ends, for pipelines", command: "npx towpath rollouts watch <id>" },
    { title: "Go on to the next step", command: "npx towpath rollouts promote <id>" },
    { title: "Send every call back, at once", command: "npx towpath rollouts abort <id>" },
    {
      title: "The same over HTTP",
      command: `curl -H "Authorization: Bearer $TOWPATH_TOKEN" ${portalUrl}/api/v1/rollouts`,
    },
  ];
}
