import type * as Yaml from "yaml";
import { depthMax } from "./json-scan.ts";

export interface YamlDocument {
  readonly value: unknown;
  /** One text for each key that is given twice: `line 6: key "app" already set in map`. */
  readonly duplicates: readonly string[];
}

/** Bad YAML; the message names the line. */
export class YamlError extends Error {
  override readonly name = "YamlError";
}

/** Aliases that one document may resolve to; stops documents that grow when they are expanded. */
const aliasesMax = 100;
/** What Go's YAML 1.1 does not read as anything special. */
const foreignTags = /:(timestamp|binary|omap|pairs|set)$/;

/**
 * Reads YAML 1.1 as Kubernetes does: `on`, `y`, `no` are booleans, `0100` is 64, `8_0` is 80, keys become texts, of
 * several documents the first counts, and of a key that is given twice the last.
 */
export async function readYaml(text: string): Promise<YamlDocument> {
  const yaml = await import("yaml");
  try {
    return read(yaml, text);
  } catch (error) {
    if (error instanceof YamlError) {
      throw error;
    }
    // Also a RangeError: nesting so deep that the parser itself gave up.
    throw new YamlError(`yaml: ${error instanceof Error ? error.message : "cannot be read"}`);
  }
}

/** Anchors of one document; the parser's time grows with their square. */
const anchorsMax = 1_000;
/** Tokens of one document: about a second of parsing. A large Deployment has a thousand. */
const tokensMax = 100_000;
/** The lexer's own marks, which are no part of the text: before a scalar, and of a document or an error. */
const scalarMark = "\u001f";
const marks: ReadonlySet<string> = new Set(["\u0002", "\u0018"]);

/**
 * The text of the first document. Looks at tokens alone, before anything is built from them: what follows it is never
 * parsed, and nesting or anchors that would hold the server up are refused here. Throws `YamlError`.
 */
function firstDocument(yaml: typeof Yaml, text: string): string {
  let offset = 0;
  let depth = 0;
  let anchors = 0;
  let tokens = 0;
  let isScalar = false;
  let isBegun = false;
  for (const token of new yaml.Lexer().lex(text)) {
    tokens += 1;
    if (tokens > tokensMax) {
      throw new YamlError(`yaml: more than ${tokensMax} tokens`);
    }
    if (isScalar) {
      isScalar = false;
    } else if (token === scalarMark) {
      isScalar = true;
      isBegun = true;
      continue;
    } else if (token === "---" && isBegun) {
      return text.slice(0, offset);
    } else {
      isBegun ||= !marks.has(token) && !/^[\s#%\ufeff]/.test(token);
      depth += token === "[" || token === "{" ? 1 : token === "]" || token === "}" ? -1 : 0;
      anchors += token.startsWith("&") ? 1 : 0;
      if (depth > depthMax) {
        throw new YamlError(`yaml: nested deeper than ${depthMax}`);
      }
      if (anchors > anchorsMax) {
        throw new YamlError(`yaml: more than ${anchorsMax} anchors`);
      }
      if (token === "...") {
        return text.slice(0, offset + token.length);
      }
    }
    offset += marks.has(token) ? 0 : token.length;
  }
  return text;
}

function read(yaml: typeof Yaml, whole: string): YamlDocument {
  const text = firstDocument(yaml, whole);
  const lineCounter = new yaml.LineCounter();
  const all = yaml.parseAllDocuments(text, {
    version: "1.1",
    uniqueKeys: false,
    lineCounter,
    prettyErrors: false,
    customTags: (tags) =>
      tags.filter((tag) => typeof tag === "string" || (!foreignTags.test(tag.tag) && tag.format !== "TIME")),
  });
  const document = Array.isArray(all) ? all[0] : undefined;
  if (document === undefined) {
    return { value: null, duplicates: [] };
  }
  const problem = document.errors[0];
  if (problem !== undefined) {
    const what = problem.code === "TAB_AS_INDENT" ? "found character that cannot start any token" : problem.message;
    throw new YamlError(`yaml: line ${lineCounter.linePos(problem.pos[0]).line}: ${what}`);
  }
  const duplicates: string[] = [];
  yaml.visit(document, (_key, node, path) => {
    if (path.length > depthMax && path.filter(yaml.isCollection).length > depthMax) {
      throw new YamlError(`yaml: nested deeper than ${depthMax}`);
    }
    if (yaml.isMap(node)) {
      duplicates.push(...repeatedKeys(yaml, node, lineCounter));
    }
  });
  return { value: document.toJS({ maxAliasCount: aliasesMax, mapAsMap: false }) as unknown, duplicates };
}

function repeatedKeys(yaml: typeof Yaml, map: Yaml.YAMLMap, lineCounter: Yaml.LineCounter): string[] {
  const repeated: string[] = [];
  const seen = new Set<string>();
  for (const { key } of map.items) {
    if (yaml.isAlias(key)) {
      continue;
    }
    const name = yaml.isScalar(key) ? String(key.value) : undefined;
    if (name === undefined || name === "__proto__") {
      throw new YamlError("yaml: a key is no text");
    }
    if (seen.has(name) && name !== "<<") {
      const range = yaml.isScalar(key) ? key.range : undefined;
      repeated.push(
        `line ${range ? lineCounter.linePos(range[0]).line : 0}: key ${JSON.stringify(name)} already set in map`,
      );
    }
    seen.add(name);
  }
  return repeated;
}
