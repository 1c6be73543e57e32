import type { GraphEdge, GraphNode } from "@/server/contracts/traffic.ts";

/**
 * Find and hide by expression: `error% > 1`, `namespace = default`, `!mtls`, `p95 > 300ms`, `sleep`.
 * `and` binds before `or`; a comma is `and`; `!` negates one term. A word that is no keyword is part of a name.
 */
export type Term =
  | { readonly kind: "flag"; readonly flag: Flag; readonly negated: boolean }
  | { readonly kind: "text"; readonly field: TextField; readonly value: string; readonly negated: boolean }
  | { readonly kind: "number"; readonly field: NumberField; readonly operator: Operator; readonly value: number };

export type Flag = "mtls" | "denied" | "idle" | "error" | "outside";
export type TextField = "namespace" | "name" | "team" | "version";
export type NumberField = "error%" | "rate" | "p95" | "denied/s";
export type Operator = ">" | "<" | ">=" | "<=" | "=";

/** Alternatives of terms that must all hold. */
export type Expression = readonly (readonly Term[])[];

export type ParseResult =
  | { readonly ok: true; readonly expression: Expression }
  | { readonly ok: false; readonly message: string };

const flags: readonly Flag[] = ["mtls", "denied", "idle", "error", "outside"];
const textFields: readonly TextField[] = ["namespace", "name", "team", "version"];
const numberFields: Readonly<Record<string, NumberField>> = {
  "error%": "error%",
  errors: "error%",
  rate: "rate",
  rps: "rate",
  p95: "p95",
  "denied/s": "denied/s",
};

/** Reads an expression; empty text is an expression that nothing was asked with. */
export function parseExpression(text: string): ParseResult {
  const trimmed = text.trim();
  if (trimmed === "") {
    return { ok: true, expression: [] };
  }
  const expression: Term[][] = [];
  for (const alternative of trimmed.split(/\s+or(?:\s+|$)|\s*\|\|\s*/i)) {
    const terms: Term[] = [];
    for (const part of alternative.split(/\s+and(?:\s+|$)|\s*&&\s*|\s*,\s*/i)) {
      const term = parseTerm(part.trim());
      if (typeof term === "string") {
        return { ok: false, message: term };
      }
      terms.push(term);
    }
    expression.push(terms);
  }
  return { ok: true, expression };
}

function parseTerm(text: string): Term | string {
  if (text === "") {
    return "Something is missing beside “and” or “or”";
  }
  const comparison = /^([a-z0-9%/]+)\s*(>=|<=|!=|>|<|=)\s*(.*)$/i.exec(text);
  if (comparison) {
    return parseComparison(comparison[1] ?? "", comparison[2] ?? "", comparison[3] ?? "");
  }
  const negated = text.startsWith("!");
  const word = (negated ? text.slice(1) : text).trim().toLowerCase();
  const flag = flags.find((known) => known === word);
  if (flag) {
    return { kind: "flag", flag, negated };
  }
  return word === "" ? "Say what must not be, such as !mtls" : { kind: "text", field: "name", value: word, negated };
}

function parseComparison(left: string, operator: string, right: string): Term | string {
  const field = left.toLowerCase();
  const value = right.trim().replace(/^["']|["']$/g, "");
  const textField = textFields.find((known) => known === field);
  if (textField) {
    if (operator !== "=" && operator !== "!=") {
      return `${field} can only be = or !=`;
    }
    return value === ""
      ? `Say which ${field}`
      : { kind: "text", field: textField, value: value.toLowerCase(), negated: operator === "!=" };
  }
  const numberField = numberFields[field];
  if (!numberField) {
    return `“${left}” is not known: use namespace, name, team, version, error%, rate, p95, denied/s`;
  }
  const number = /^([0-9]*\.?[0-9]+)\s*(ms|s|%|rps)?$/i.exec(value);
  if (!number || operator === "!=") {
    return `${field} is compared with a number, such as ${field} > 1`;
  }
  const amount = Number(number[1]) * (number[2]?.toLowerCase() === "s" && numberField === "p95" ? 1000 : 1);
  return { kind: "number", field: numberField, operator: operator as Operator, value: amount };
}

function compare(left: number, operator: Operator, right: number): boolean {
  switch (operator) {
    case ">":
      return left > right;
    case "<":
      return left < right;
    case ">=":
      return left >= right;
    case "<=":
      return left <= right;
    case "=":
      return left === right;
  }
}

function textHolds(node: GraphNode, field: TextField, value: string): boolean {
  switch (field) {
    case "name":
      return node.name.toLowerCase().includes(value);
    case "namespace":
      return node.namespace.toLowerCase() === value;
    case "team":
      return node.team.toLowerCase() === value;
    case "version":
      return node.versions.some((version) => version.version.toLowerCase() === value);
  }
}

function nodeTerm(term: Term, node: GraphNode): boolean {
  if (term.kind === "text") {
    return textHolds(node, term.field, term.value) !== term.negated;
  }
  if (term.kind === "number") {
    const measured = {
      "error%": node.errorShare * 100,
      rate: node.rpsIn + node.rpsOut,
      p95: node.p95Ms,
      "denied/s": null,
    };
    const value = measured[term.field];
    return value !== null && compare(value, term.operator, term.value);
  }
  switch (term.flag) {
    case "idle":
      return (node.health === "idle") !== term.negated;
    case "error":
      return node.errorShare > 0.01 !== term.negated;
    case "outside":
      return (node.kind === "outside") !== term.negated;
    default:
      // A lock and a refusal belong to edges; a node is found through them.
      return false;
  }
}

/** The two ends of an edge. */
export interface Ends {
  readonly from: GraphNode | undefined;
  readonly to: GraphNode | undefined;
}

function edgeTerm(term: Term, edge: GraphEdge, ends: Ends): boolean {
  const either = [ends.from, ends.to].filter((node) => node !== undefined);
  if (term.kind === "text") {
    return either.some((node) => textHolds(node, term.field, term.value)) !== term.negated;
  }
  if (term.kind === "number") {
    const measured = {
      "error%": edge.errorShare * 100,
      rate: edge.rps,
      p95: edge.p95Ms,
      "denied/s": edge.deniedPerSecond,
    };
    const value = measured[term.field];
    return value !== null && compare(value, term.operator, term.value);
  }
  switch (term.flag) {
    case "mtls":
      return (edge.mtlsShare === 1) !== term.negated;
    case "denied":
      return edge.denied > 0 !== term.negated;
    case "idle":
      return (edge.count === 0 && edge.denied === 0 && edge.copies === 0) !== term.negated;
    case "error":
      return edge.errorShare > 0.01 !== term.negated;
    case "outside":
      return either.some((node) => node.kind === "outside") !== term.negated;
  }
}

/** Whether a node is what the expression looks for. */
export const nodeMatches = (expression: Expression, node: GraphNode): boolean =>
  expression.some((terms) => terms.every((term) => nodeTerm(term, node)));

/** Whether an edge is what the expression looks for. */
export const edgeMatches = (expression: Expression, edge: GraphEdge, ends: Ends): boolean =>
  expression.some((terms) => terms.every((term) => edgeTerm(term, edge, ends)));
