import type { DenialGroup } from "@/server/contracts/denials.ts";

const columns: readonly (readonly [string, (group: DenialGroup) => string | number])[] = [
  ["caller", (group) => group.caller.title],
  ["caller_namespace", (group) => group.caller.namespace],
  ["caller_identity", (group) => group.caller.principal],
  ["service", (group) => `${group.service.namespace}/${group.service.name}`],
  ["port", (group) => group.port],
  ["method", (group) => group.method],
  ["path", (group) => group.path],
  ["reason", (group) => group.reason],
  ["sentence", (group) => group.sentence],
  ["decided_at", (group) => group.hop],
  ["node", (group) => group.node],
  ["policy", (group) => (group.policy ? `${group.policy.namespace}/${group.policy.name}` : "")],
  ["rule", (group) => (group.rule < 0 ? "" : group.rule)],
  ["attribute", (group) => group.attribute],
  ["answer", (group) => group.answerTitle],
  ["count", (group) => group.count],
  ["first", (group) => new Date(group.firstUnixMs).toISOString()],
  ["last", (group) => new Date(group.lastUnixMs).toISOString()],
];

/** One field (RFC 4180); a leading sign that a spreadsheet would take for a formula is disarmed. */
function field(value: string | number): string {
  const text = typeof value === "string" && /^[=+\-@\t\r]/.test(value) ? `'${value}` : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Refusals as CSV with a head line. Pure. */
export function denialsCsv(groups: readonly DenialGroup[]): string {
  const lines = [columns.map(([name]) => name), ...groups.map((group) => columns.map(([, read]) => read(group)))];
  return `${lines.map((line) => line.map(field).join(",")).join("\r\n")}\r\n`;
}
