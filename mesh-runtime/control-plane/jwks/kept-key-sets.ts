import { readFile } from "node:fs/promises";
import { writeFileDurably } from "../../common/durable-file.ts";
import type { Log } from "../../common/log.ts";
import { publicKeySet } from "../translate/input/key-set.ts";
import { fields, items, text, whole } from "../translate/input/lenient.ts";
import type { KeptKeySet } from "./key-set-fetcher.ts";

const fileMax = 16 * 1_024 * 1_024;

/** Reads the key sets that an earlier process fetched. A file that is not there or not whole holds none. */
export async function loadKeySets(path: string): Promise<readonly KeptKeySet[]> {
  try {
    const content = await readFile(path, "utf8");
    const sets = content.length > fileMax ? [] : items(fields(JSON.parse(content))["sets"]);
    return sets.map(fields).flatMap((set) => {
      const checked = publicKeySet(text(set["jwks"]));
      const url = text(set["url"]);
      return "problem" in checked || url === ""
        ? []
        : [{ url, jwks: checked.jwks, fetchedAtMs: whole(set["fetchedAtMs"]) }];
    });
  } catch {
    return [];
  }
}

/** Writes key sets to a file. */
export interface KeySetWriter {
  /** One write after the other; of several that wait, the last. */
  readonly write: (sets: readonly KeptKeySet[]) => void;
  /** Resolves when everything is on disk. */
  readonly idle: () => Promise<void>;
}

/** Opens a writer; a write that fails is logged, since the sets can be fetched again. */
export function keySetWriter(path: string, log: Log): KeySetWriter {
  let next: readonly KeptKeySet[] | undefined;
  let writing: Promise<void> | undefined;
  const run = async (): Promise<void> => {
    while (next !== undefined) {
      const sets = next;
      next = undefined;
      await writeFileDurably(path, JSON.stringify({ sets }), 0o600).catch((error: unknown) =>
        log.warn("cannot keep the key sets", { error: String(error) }),
      );
    }
    writing = undefined;
  };
  return {
    write: (sets) => {
      next = sets;
      writing ??= run();
    },
    idle: async () => {
      await writing;
    },
  };
}
