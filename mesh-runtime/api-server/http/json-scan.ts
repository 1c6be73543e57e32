/** What `JSON.parse` does not tell: keys given twice, and nesting that is too deep for code that recurses. */
export interface JsonScan {
  /** Paths of keys that are given twice in one map, such as `metadata.name`. */
  readonly duplicates: readonly string[];
  readonly isTooDeep: boolean;
  /** A key that would change an object's prototype. */
  readonly hasUnsafeKey: boolean;
}

interface Frame {
  readonly path: string;
  /** Undefined for a list. */
  readonly keys: Set<string> | undefined;
  index: number;
  key: string;
}

/** Deepest nesting that is accepted. */
export const depthMax = 100;

/** Scans valid JSON text. */
export function scanJson(text: string): JsonScan {
  const duplicates: string[] = [];
  const stack: Frame[] = [];
  let hasUnsafeKey = false;
  let isKeyNext = false;
  const childPath = (): string => {
    const top = stack.at(-1);
    if (top === undefined) {
      return "";
    }
    return top.keys === undefined ? `${top.path}[${top.index}]` : top.path === "" ? top.key : `${top.path}.${top.key}`;
  };
  for (const match of text.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\],]/gs)) {
    const token = match[0];
    const top = stack.at(-1);
    if (token === "{" || token === "[") {
      if (stack.length >= depthMax) {
        return { duplicates, isTooDeep: true, hasUnsafeKey };
      }
      stack.push({ path: childPath(), keys: token === "{" ? new Set() : undefined, index: 0, key: "" });
      isKeyNext = token === "{";
    } else if (token === "}" || token === "]") {
      stack.pop();
      isKeyNext = false;
    } else if (token === ",") {
      if (top !== undefined && top.keys === undefined) {
        top.index++;
      }
      isKeyNext = top?.keys !== undefined;
    } else if (isKeyNext && top?.keys !== undefined) {
      top.key = JSON.parse(token) as string;
      hasUnsafeKey ||= top.key === "__proto__";
      if (top.keys.has(top.key)) {
        duplicates.push(childPath());
      }
      top.keys.add(top.key);
      isKeyNext = false;
    }
  }
  return { duplicates, isTooDeep: false, hasUnsafeKey };
}
