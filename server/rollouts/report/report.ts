/** A release on paper: Markdown, for people. Pure. */
import type { IntervalVerdict, RolloutDetails } from "@/server/contracts/rollouts.ts";

const time = (unixMs: number | null): string =>
  unixMs === null ? "–" : `${new Date(unixMs).toISOString().slice(0, 19).replace("T", " ")} UTC`;
/** Names and texts of people must not become tables or markup. */
const plain = (text: string): string => text.replaceAll(/[\r\n]+/g, " ").replaceAll(/([\\`*_[\]<>|#])/g, "\\$1");
const figure = (value: number | null, unit: string): string =>
  value === null ? "–" : `${Math.round(value * 100) / 100}${unit === "" ? "" : ` ${unit}`}`;
const table = (head: readonly string[], rows: readonly (readonly string[])[]): string[] => [
  `| ${head.join(" | ")} |`,
  `| ${head.map(() => "---").join(" | ")} |`,
  ...rows.map((row) => `| ${row.map(plain).join(" | ")} |`),
];

/** `verdicts`: all of them. */
export function reportOf(details: RolloutDetails, verdicts: readonly IntervalVerdict[]): string {
  const { number, service, stable, canary, spec } = details;
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
    ...(verdicts.length === 0 ? ["Nothing was judged."] : verdictTable(verdicts)),
    "",
    "## What happened",
    "",
    ...details.events.map(
      ({ timeUnixMs, actor, text, changeNumber }) =>
        `- ${time(timeUnixMs)}${actor === null ? "" : `, ${plain(actor.name)}`}: ${plain(text)}${changeNumber === null ? "" : ` (change ${changeNumber})`}`,
    ),
    "",
    "## As it was asked for",
    "",
    "```json",
    JSON.stringify(spec, null, 2).replaceAll("```", "'''"),
    "```",
    "",
  ];
  return lines.join("\n");
}

const verdictTable = (verdicts: readonly IntervalVerdict[]): string[] =>
  table(
    ["Until", "Step", "Verdict", "Requests", "Failed", "Measures"],
    verdicts.map((one) => [
      time(one.toUnixMs),
      String(one.step + 1),
      one.verdict,
      String(one.canaryRequests),
      String(one.canaryErrors),
      one.measures
        .map(
          ({ title, verdict, stable, canary, unit }) =>
            `${title} ${verdict}: ${figure(canary, unit)}, stable ${figure(stable, unit)}`,
        )
        .join("; "),
    ]),
  );
