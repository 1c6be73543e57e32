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
  const { parseAllDocuments, visit, isAlias, isMap, isScalar, LineCounter } = await import("yaml");
  const lineCounter = new LineCounter();
  const all = parseAllDocuments(text, {
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
    throw new YamlError(`yaml: line ${lineCounter.linePos(problem.pos[0]).line}: ${problem.message}`);
  }
  const duplicates: string[] = [];
  visit(document, (_key, node, path) => {
    if (path.length > depthMax * 2) {
      throw new YamlError(`yaml: nested deeper than ${depthMax}`);
    }
    if (isMap(node)) {
      const seen = new Set<string>();
      for (const { key } of node.items) {
        const name = isScalar(key) ? String(key.value) : undefined;
        if (name === "__proto__" || (name === undefined && !isAlias(key))) {
          throw new YamlError("yaml: a key is no text");
        }
        if (name !== undefined && name !== "<<" && seen.has(name)) {
          const at = isScalar(key) && key.range ? lineCounter.linePos(key.range[0]).line : 0;
          duplicates.push(`line ${at}: key ${JSON.stringify(name)} already set in map`);
        }
        seen.add(name ?? "");
      }
    }
  });
  try {
    return { value: document.toJS({ maxAliasCount: aliasesMax, mapAsMap: false }) as unknown, duplicates };
  } catch (error) {
    throw new YamlError(`yaml: ${error instanceof Error ? error.message : "cannot be resolved"}`);
  }
}
