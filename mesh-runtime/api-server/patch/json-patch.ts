import { isObject, sameValue } from "../fields/atom.ts";
import { depthMax } from "../http/json-scan.ts";

/** A JSON patch that cannot be carried out; the target is unchanged. */
export class JsonPatchError extends Error {
  override readonly name = "JsonPatchError";
}

const operationsMax = 10_000;
/** Characters that all `copy` operations together may add, as in Kubernetes: each may double what is there. */
const copiedMax = 3 << 20;

/** RFC 6902. `replace` of a missing map key adds it, as the API server's library does. Throws `JsonPatchError`. */
export function jsonPatch(target: unknown, operations: readonly unknown[]): unknown {
  if (operations.length > operationsMax) {
    throw new JsonPatchError(`the patch has more than ${operationsMax} operations`);
  }
  const budget: CopyBudget = { left: copiedMax };
  let result: unknown;
  try {
    result = operations.reduce<unknown>(
      (document, operation) => step(document, operation, budget),
      structuredClone(target),
    );
  } catch (error) {
    // So deep that the copy itself gave up.
    throw error instanceof RangeError ? tooDeep() : error;
  }
  if (isDeeperThan(result, depthMax)) {
    throw tooDeep();
  }
  return result;
}

interface CopyBudget {
  left: number;
}

const tooDeep = (): JsonPatchError => new JsonPatchError(`the result is nested deeper than ${depthMax}`);

/** Level by level, without recursion. */
function isDeeperThan(value: unknown, max: number): boolean {
  let level = [value];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > max) {
      return true;
    }
    level = level.flatMap((entry) => (typeof entry === "object" && entry !== null ? Object.values(entry) : []));
  }
  return false;
}

function copied(value: unknown, budget: CopyBudget): unknown {
  const text = JSON.stringify(value);
  budget.left -= text.length;
  if (budget.left < 0) {
    throw new JsonPatchError(`the patch copies more than ${copiedMax} characters`);
  }
  return JSON.parse(text);
}

function step(document: unknown, operation: unknown, budget: CopyBudget): unknown {
  if (!isObject(operation) || typeof operation["path"] !== "string") {
    throw new JsonPatchError("an operation has no path");
  }
  const path = pointer(operation["path"]);
  const from = (): string[] => {
    if (typeof operation["from"] !== "string") {
      throw new JsonPatchError("the operation has no from");
    }
    return pointer(operation["from"]);
  };
  switch (operation["op"]) {
    case "add":
      return edit(document, path, operand(operation), "add");
    case "replace":
      return edit(document, path, operand(operation), "replace");
    case "remove":
      return edit(document, path, undefined, "remove");
    case "test":
      if (!sameValue(read(document, path), operand(operation))) {
        throw new JsonPatchError(`testing value ${operation["path"]} failed`);
      }
      return document;
    case "copy":
      return edit(document, path, copied(read(document, from()), budget), "add");
    case "move": {
      const source = from();
      if (path.length > source.length && source.every((part, index) => part === path[index])) {
        throw new JsonPatchError("a value cannot move into itself");
      }
      const value = read(document, source);
      return edit(edit(document, source, undefined, "remove"), path, value, "add");
    }
    default:
      throw new JsonPatchError(`unexpected kind: ${String(operation["op"])}`);
  }
}

function operand(operation: Readonly<Record<string, unknown>>): unknown {
  if (!Object.hasOwn(operation, "value")) {
    throw new JsonPatchError("the operation has no value");
  }
  return operation["value"];
}

function pointer(text: string): string[] {
  if (text === "") {
    return [];
  }
  if (!text.startsWith("/")) {
    throw new JsonPatchError(`"${text}" is no JSON pointer`);
  }
  return text
    .slice(1)
    .split("/")
    .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));
}

function read(document: unknown, path: readonly string[]): unknown {
  let value = document;
  for (const part of path) {
    if (Array.isArray(value)) {
      value = value[index(part, value.length - 1)];
    } else if (isObject(value) && Object.hasOwn(value, part)) {
      value = value[part];
    } else {
      throw new JsonPatchError(`/${path.join("/")} does not exist`);
    }
  }
  return value;
}

function index(part: string, max: number): number {
  const at = /^(0|[1-9]\d*)$/.test(part) ? Number(part) : -1;
  if (at < 0 || at > max) {
    throw new JsonPatchError(`"${part}" is no index of the list`);
  }
  return at;
}

function edit(document: unknown, path: readonly string[], value: unknown, how: "add" | "replace" | "remove"): unknown {
  const last = path.at(-1);
  if (last === undefined) {
    return how === "remove" ? null : value;
  }
  const parent = read(document, path.slice(0, -1));
  if (Array.isArray(parent)) {
    if (how === "add") {
      parent.splice(last === "-" ? parent.length : index(last, parent.length), 0, value);
    } else if (how === "replace") {
      parent[index(last, parent.length - 1)] = value;
    } else {
      parent.splice(index(last, parent.length - 1), 1);
    }
  } else if (isObject(parent)) {
    const map = parent as Record<string, unknown>;
    if (how === "remove") {
      if (!Object.hasOwn(map, last)) {
        throw new JsonPatchError(`/${path.join("/")} does not exist`);
      }
      delete map[last];
    } else {
      Object.defineProperty(map, last, { value, enumerable: true, configurable: true, writable: true });
    }
  } else {
    throw new JsonPatchError(`/${path.slice(0, -1).join("/")} is neither a map nor a list`);
  }
  return document;
}
