/** What there is to say about rules that name requests. Pure. */
import type { HeaderCondition, RequestRule } from "@/server/contracts/golden-paths/parts.ts";
import type { Finding } from "@/server/contracts/golden-paths.ts";
import type { ServiceRef } from "@/server/contracts/names.ts";
import { finding, type PathContext } from "../path.ts";
import { contradicts, covers } from "./covered-rules.ts";
import { matchesPath, neverMatches } from "./path-pattern.ts";
import { requestText } from "./words.ts";

/** Rules that match nothing, nothing new, or everything; paths that nobody asked for yet. */
export function requestFindings(
  requests: readonly RequestRule[],
  service: ServiceRef,
  context: PathContext,
): Finding[] {
  return requests.flatMap((rule, index) => [
    ...emptyRule(rule, requests, index),
    ...coveredRule(rule, requests, index),
    ...pathFindings(rule, requests, index),
    ...headerFindings(rule, requests, index),
    ...unseenPaths(rule, index, service, context),
  ]);
}

/** The form's requests with one rule put in another's place, or left out. */
const replaced = (requests: readonly RequestRule[], index: number, by?: RequestRule): { requests: RequestRule[] } => ({
  requests: requests.flatMap((one, at) => (at !== index ? [one] : by === undefined ? [] : [by])),
});

function emptyRule(rule: RequestRule, requests: readonly RequestRule[], index: number): Finding[] {
  if (rule.methods.length + rule.paths.length + rule.headers.length > 0) {
    return [];
  }
  const message = "This rule names no method, path or header: it means every request.";
  const repair = { title: "Leave it away", values: replaced(requests, index) };
  return [finding("warning", "rule-without-effect", `requests.${index}`, message, { repair })];
}

function coveredRule(rule: RequestRule, requests: readonly RequestRule[], index: number): Finding[] {
  const by = requests.findIndex(
    (other, at) => at !== index && covers(other, rule) && (at < index || !covers(rule, other)),
  );
  const other = requests[by];
  if (other === undefined) {
    return [];
  }
  const message = `“${requestText(rule)}” adds nothing: “${requestText(other)}” means it already.`;
  const repair = { title: "Leave it away", values: replaced(requests, index) };
  return [finding("warning", "rule-unreachable", `requests.${index}`, message, { repair })];
}

function pathFindings(rule: RequestRule, requests: readonly RequestRule[], index: number): Finding[] {
  return rule.paths.flatMap((path, at) => {
    const why = neverMatches(path);
    if (why === "") {
      return [];
    }
    const field = `requests.${index}.paths.${at}`;
    const paths = rule.paths.filter((_, other) => other !== at);
    const usable = paths.length > 0 || rule.methods.length + rule.headers.length > 0;
    const repair = usable
      ? { title: `Leave ${path} away`, values: replaced(requests, index, { ...rule, paths }) }
      : null;
    return [finding("error", "value-never-matches", field, `No request has the path ${path}: ${why}.`, { repair })];
  });
}

function headerFindings(rule: RequestRule, requests: readonly RequestRule[], index: number): Finding[] {
  return rule.headers.flatMap((header, at) => {
    const field = `requests.${index}.headers.${at}`;
    const others = rule.headers.filter((_, other) => other !== at);
    const opposed = others.some((other) => contradicts(header, other));
    if (opposed) {
      const message = `No request fulfils all conditions on the header ${header.name}.`;
      const repair = {
        title: "Leave this condition away",
        values: replaced(requests, index, { ...rule, headers: others }),
      };
      return [finding("error", "value-never-matches", field, message, { repair })];
    }
    const trimmed: HeaderCondition = { ...header, values: header.values.map((value) => value.trim()) };
    if (trimmed.values.every((value, i) => value === header.values[i]) || trimmed.values.includes("")) {
      return [];
    }
    const message = `Blanks around the value of a header are taken away on its way: “${header.values.join("”, “")}” never arrives.`;
    const repair = {
      title: "Without the blanks",
      values: replaced(requests, index, {
        ...rule,
        headers: rule.headers.map((one, other) => (other === at ? trimmed : one)),
      }),
    };
    return [finding("error", "value-never-matches", field, message, { repair })];
  });
}

function unseenPaths(rule: RequestRule, index: number, service: ServiceRef, { traffic }: PathContext): Finding[] {
  const seen = traffic.paths(service);
  return rule.paths.flatMap((path, at) => {
    // What was seen are templates of several paths: those say nothing against a pattern.
    const known = seen.length === 0 || seen.some((one) => one.path.includes("{") || matchesPath(path, one.path));
    const message = `No request for ${path} was seen lately.`;
    return known ? [] : [finding("info", "no-traffic-seen", `requests.${index}.paths.${at}`, message)];
  });
}
