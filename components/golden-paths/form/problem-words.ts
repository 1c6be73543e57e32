import type * as z from "zod";

const chosen: Readonly<Record<string, string>> = {
  service: "Choose a service",
  gateway: "Choose a gateway",
  version: "Choose a version",
  port: "Choose a port",
};

/** Words for what a schema has none of its own for. Pure. */
export function problemWords(issue: z.core.$ZodRawIssue): string {
  const field = issue.path?.findLast((part) => typeof part === "string");
  const words = typeof field === "string" ? chosen[field] : undefined;
  switch (issue.code) {
    case "invalid_type":
      if (issue.expected === "number" || issue.expected === "int") {
        const empty = issue.input === null || issue.input === undefined;
        return empty ? (words ?? "Enter a number") : "Enter a whole number";
      }
      return words ?? "Fill this in";
    case "too_small":
      if (issue.origin === "string") {
        return words ?? "Enter a value";
      }
      return issue.origin === "array" ? "Choose at least one" : `At least ${issue.minimum}`;
    case "too_big":
      if (issue.origin === "string") {
        return `At most ${issue.maximum} characters`;
      }
      return issue.origin === "array" ? `At most ${issue.maximum} of them` : `At most ${issue.maximum}`;
    case "invalid_format":
      return issue.format === "ipv4" || issue.format === "ipv6"
        ? "Enter an address such as 192.0.2.10"
        : "This does not fit";
    default:
      return words ?? "This does not fit";
  }
}

/** Names that are chosen from a list, not entered, while they are empty. */
export function choiceWords(path: string, values: Readonly<Record<string, unknown>>): string | undefined {
  if (values[path] !== "") {
    return undefined;
  }
  if (path === "namespace") {
    return "Choose a namespace";
  }
  return path === "authorizer" && values["add"] === null ? "Choose an authorizer" : undefined;
}
