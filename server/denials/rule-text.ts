/** A rule of a live policy as text, as it stands in the manifest. Pure. */
import { stringify } from "yaml";
import type { AuthorizationPolicyResource } from "@/mesh-runtime/policy/index.ts";

const linesMax = 24;

/** YAML of the rule that decided, or of all when none came close; empty when there are none. */
export function ruleText({ spec }: AuthorizationPolicyResource, rule: number): string {
  const rules = spec?.rules ?? [];
  const chosen = rules[rule] === undefined ? rules : [rules[rule]];
  return chosen.length === 0 ? "" : shortened(stringify(chosen, { lineWidth: 0 }).trimEnd());
}

function shortened(text: string): string {
  const lines = text.split("\n");
  return lines.length <= linesMax ? text : [...lines.slice(0, linesMax), "…"].join("\n");
}
