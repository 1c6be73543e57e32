/** Patterns of paths as a choice and a text, the way people say them. Pure. */

/** How a path is compared. */
export type PathMatchKind = "is" | "begins" | "ends";

/** `/api*` as "begins with /api". */
export interface PathMatch {
  readonly kind: PathMatchKind;
  readonly text: string;
}

/** How a pattern reads. Templates such as `{*}` stay in the text of "is". */
export function pathMatch(pattern: string): PathMatch {
  if (pattern.endsWith("*") && !pattern.endsWith("{*")) {
    return { kind: "begins", text: pattern.slice(0, -1) };
  }
  return pattern.startsWith("*") ? { kind: "ends", text: pattern.slice(1) } : { kind: "is", text: pattern };
}

/** The pattern of a choice and a text. An empty text stays empty, so that it is asked for. */
export function pathPatternOf({ kind, text }: PathMatch): string {
  const typed = text.trim();
  if (typed === "" || kind === "is") {
    return typed;
  }
  return kind === "begins" ? `${typed}*` : `*${typed}`;
}
