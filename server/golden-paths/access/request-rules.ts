/** Requests as parts of a policy's rule. Pure. */
import type { HeaderCondition, RequestRule } from "@/server/contracts/golden-paths/parts.ts";
import type { PortOf } from "./service-access.ts";

/** What `to` and `when` of one rule say. */
interface RuleParts {
  readonly to: readonly [{ readonly operation: Readonly<Record<string, readonly string[]>> }];
  readonly when?: readonly object[];
}

const distinct = (values: readonly string[]): string[] => [...new Set(values)];
const field = (name: string, values: readonly string[]): Record<string, readonly string[]> =>
  values.length === 0 ? {} : { [name]: values };

/** Ports, ascending, as texts. */
export const portTexts = (ports: readonly number[], portOf: PortOf): string[] =>
  [...new Set(ports.map(portOf))].sort((one, other) => one - other).map(String);

/**
 * One rule for each request rule, or one for every request when there is none. Methods and paths of one rule stand in one
 * operation, so that each may come with each; all its headers must hold (`resources.md` §6).
 */
export function rulePartsOf(requests: readonly RequestRule[], ports: readonly number[], portOf: PortOf): RuleParts[] {
  const open = field("ports", portTexts(ports, portOf));
  if (requests.length === 0) {
    return [{ to: [{ operation: open }] }];
  }
  return requests.map(({ methods, paths, headers }) => ({
    to: [{ operation: { ...open, ...field("methods", distinct(methods)), ...field("paths", distinct(paths)) } }],
    ...(headers.length === 0 ? {} : { when: headers.map(headerPart) }),
  }));
}

function headerPart({ name, match, values }: HeaderCondition): object {
  const key = `request.headers[${name}]`;
  switch (match) {
    case "present":
      return { key, values: ["*"] };
    case "absent":
      return { key, notValues: ["*"] };
    case "value":
      return { key, values: distinct(values) };
    case "not-value":
      return { key, notValues: distinct(values) };
  }
}
