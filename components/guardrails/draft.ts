import type { PathSlug } from "@/server/contracts/golden-paths/slug.ts";
import type { FreezeWindow, Guardrails, GuardrailsView, PathRule } from "@/server/contracts/guardrails.ts";
import { type GuardedField, guardedFields } from "./guarded-fields.ts";

/** What holds for a path where nothing was set. */
export const ruleOf = ({ paths }: Guardrails, slug: PathSlug): PathRule =>
  paths.find((rule) => rule.slug === slug) ?? { slug, who: "owners", approval: false, defaults: {}, ranges: [] };

const isPlain = ({ who, approval, defaults, ranges }: PathRule): boolean =>
  who === "owners" && !approval && Object.keys(defaults).length === 0 && ranges.length === 0;

/** With another rule for one path; a rule that says nothing is left out. */
export function withRule(guardrails: Guardrails, rule: PathRule): Guardrails {
  const others = guardrails.paths.filter(({ slug }) => slug !== rule.slug);
  return { ...guardrails, paths: isPlain(rule) ? others : [...others, rule] };
}

/** With another limit of one field; null on both sides takes it away. */
export function withRange(rule: PathRule, field: string, side: "min" | "max", value: number | null): PathRule {
  const former = rule.ranges.find((range) => range.field === field) ?? { field, min: null, max: null };
  const next = { ...former, [side]: value };
  const others = rule.ranges.filter((range) => range.field !== field);
  return { ...rule, ranges: next.min === null && next.max === null ? others : [...others, next] };
}

/** With another start value of one field; undefined takes it away. */
export function withDefault(rule: PathRule, field: string, value: unknown): PathRule {
  const { [field]: _, ...others } = rule.defaults;
  return { ...rule, defaults: value === undefined ? others : { ...others, [field]: value } };
}

/** What is saved of a view. */
export const guardrailsOf = ({ paths, freezes, approvalHours }: GuardrailsView): Guardrails => ({
  paths,
  freezes,
  approvalHours,
});

/** "2 defaults, 1 limit", or nothing. */
export function setWords({ defaults, ranges }: PathRule): string {
  const counted = (number: number, word: string) =>
    number === 0 ? [] : [`${number} ${word}${number === 1 ? "" : "s"}`];
  return [...counted(Object.keys(defaults).length, "default"), ...counted(ranges.length, "limit")].join(", ");
}

/** What keeps it from being saved, in words; empty when nothing does. */
export function draftProblem({ freezes, paths }: Guardrails): string {
  const unnamed = freezes.find(({ title }) => title.trim() === "");
  if (unnamed) {
    return "Say why nothing is changed in each freeze window.";
  }
  const backwards = freezes.find(({ startUnixMs, endUnixMs }) => startUnixMs >= endUnixMs);
  if (backwards) {
    return `“${backwards.title}” ends before it starts.`;
  }
  for (const { slug, ranges } of paths) {
    const crossed = ranges.find(({ min, max }) => min !== null && max !== null && min > max);
    if (crossed) {
      const field = guardedFields[slug]?.find((known: GuardedField) => known.field === crossed.field);
      return `“${field?.label ?? crossed.field}”: the least is above the most.`;
    }
  }
  return "";
}

/** How a freeze window stands now. */
export const freezeState = ({ startUnixMs, endUnixMs }: FreezeWindow, nowUnixMs: number): "now" | "to come" | "over" =>
  nowUnixMs < startUnixMs ? "to come" : nowUnixMs < endUnixMs ? "now" : "over";
