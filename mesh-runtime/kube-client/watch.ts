import type { IncomingMessage } from "node:http";
import { errorFromAnswer, KubeError } from "./error.ts";

/** One line of a watch. `BOOKMARK` carries only `metadata.resourceVersion`. */
export interface WatchEvent<T> {
  readonly type: "ADDED" | "MODIFIED" | "DELETED" | "BOOKMARK";
  readonly object: T;
}

/** Longest line of a watch that is accepted: an object has at most 3 MiB, JSON escapes may double it. */
const lineBytesMax = 8 << 20;

/** Reads a watch stream. Ends when the server ends it; an `ERROR` event becomes a `KubeError` (410 → `expired`). */
export async function* readWatch<T>(answer: IncomingMessage): AsyncGenerator<WatchEvent<T>, void, undefined> {
  let rest = "";
  answer.setEncoding("utf8");
  try {
    for await (const chunk of answer as AsyncIterable<string>) {
      const lines = (rest + chunk).split("\n");
      rest = lines.pop() ?? "";
      if (rest.length > lineBytesMax) {
        throw new KubeError("tooLarge", `a watch event is longer than ${lineBytesMax} characters`);
      }
      for (const line of lines) {
        if (line !== "") {
          yield parseEvent<T>(line);
        }
      }
    }
  } catch (cause) {
    throw cause instanceof KubeError ? cause : new KubeError("unreachable", "the watch broke", { cause });
  } finally {
    answer.destroy();
  }
}

function parseEvent<T>(line: string): WatchEvent<T> {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (cause) {
    throw new KubeError("badAnswer", "a watch event is no JSON", { cause });
  }
  const { type, object } = value as { type?: unknown; object?: unknown };
  if (type === "ERROR") {
    const code = (object as { code?: unknown } | null)?.code;
    throw errorFromAnswer(typeof code === "number" ? code : 500, JSON.stringify(object));
  }
  if (
    (type === "ADDED" || type === "MODIFIED" || type === "DELETED" || type === "BOOKMARK") &&
    typeof object === "object"
  ) {
    return { type, object: object as T };
  }
  throw new KubeError("badAnswer", "a watch event has no known type");
}
