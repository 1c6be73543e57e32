/** A release on paper: Markdown, for people. Pure. */
import type { RolloutReport } from "@/server/contracts/rollout-report.ts";
import type { IntervalVerdict } from "@/server/contracts/rollouts.ts";

const time = (unixMs: number | null): string =>
  unixMs === null ? "–" : `${new Date(unixMs).toISOString().slice(0, 19).replace("T", " ")} UTC`;
/** What cannot be seen, breaks a line, or turns text round. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is taken out
const unseen = /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]+/g;
/** The same in a text that keeps its lines. */
const hidden = /[\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;
/** Names and texts of people must not become tables, markup, or links. */
const plain = (text: string): string =>
  text
    .replaceAll(unseen, " ")
    .replaceAll(/([\\`*_~[\]<>|#&])/g, "\\$1")
    .replaceAll(/\b(https?:|www\.|mailto:)/gi, (start) => `${start.slice(0, -1)}\\${start.at(-1)}`);
const figure = (value: number | null, unit: string): string =>
  value === null ? "–" : `${Math.round(value * 100) / 100}${unit === "" ? "" : ` ${unit}`}`;
const table = (head: readonly string[], rows: readonly (readonly string[])[]): string[] => [
  `| ${head.join(" | ")} |`,
  `| ${head.map(() => "---").join(" | ")} |`,
  ...rows.map((row) => `| ${row.map(plain).join(" | ")} |`),
];

/** Says so where it does not have all that there was. */
export function reportOf(report: RolloutReport): string {
  const { number, service, stable, canary, spec, verdicts, of, ...details } = report;
  const lines = [
    `# Release ${number}: ${plain(`${service.namespace}/${service.name}`)} ${plain(stable)} → ${plain(canary)}`,
    "",
    `${plain(details.headline)}.`,
    "",
    ...table(
      ["", ""],
      [
        ["State", details.hold === null ? details.state : `${details.state} (${details.hold})`],
        ["Kind", details.kind],
        ["Started by", details.startedBy.name],
        ["Reason", details.reason === "" ? "–" : details.reason],
        ["Asked for", time(details.createdUnixMs)],
        ["Began", time(details.startedUnixMs)],
        ["Ended", time(details.finishedUnixMs)],
        [`Answered by ${canary}`, `${details.canaryRequests} requests, ${details.canaryErrors} failed`],
      ],
    ),
    "",
    "## Steps",
    "",
    ...table(
      ["Step", "Share", "State", "Began", "Ended", "Requests", "Failed"],
      details.track.map(({ step, state, startedUnixMs, endedUnixMs, canaryRequests, canaryErrors }, index) => [
        String(index + 1),
        step.mirror > 0 ? `${step.weight} %, copies of ${step.mirror} %` : `${step.weight} %`,
        state,
        time(startedUnixMs),
        time(endedUnixMs),
        String(canaryRequests),
        String(canaryErrors),
      ]),
    ),
    "",
    "## Verdicts",
    "",
    ...newestOf(verdicts.length, of.verdicts, "intervals"),
    ...(verdicts.length === 0 ? ["Nothing was judged."] : verdictTable(verdicts)),
    "",
    "## What happened",
    "",
    ...newestOf(details.events.length, of.events, "events"),
    ...details.events.map(
      ({ timeUnixMs, actor, text, changeNumber }) =>
        `- ${time(timeUnixMs)}${actor === null ? "" : `, ${plain(actor.name)}`}: ${plain(text)}${changeNumber === null ? "" : ` (change ${changeNumber})`}`,
    ),
    "",
    "## As it was asked for",
    "",
    "```json",
    JSON.stringify(spec, null, 2)
      .replaceAll("```", "'''")
      .replaceAll(hidden, (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, "0")}`),
    "```",
    "",
  ];
  return lines.join("\n");
}

const newestOf = (shown: number, all: number, what: string): string[] =>
  shown < all ? [`The newest ${shown} of ${all} ${what}.`, ""] : [];

/** Copies beside what callers got: "0, 52 copies". */
const counted = (calls: number, copies: number | undefined): string =>
  copies === undefined ? String(calls) : `${calls}, ${copies} copies`;

const verdictTable = (verdicts: readonly IntervalVerdict[]): string[] =>
  table(
    ["Until", "Step", "Verdict", "Requests", "Failed", "Measures"],
    verdicts.map((one) => [
      time(one.toUnixMs),
      String(one.step + 1),
      one.verdict,
      counted(one.canaryRequests, one.copies?.requests),
      counted(one.canaryErrors, one.copies?.errors),
      one.measures
        .map(
          ({ title, verdict, stable, canary, unit }) =>
            `${title} ${verdict}: ${figure(canary, unit)}, stable ${figure(stable, unit)}`,
        )
        .join("; "),
    ]),
  );
