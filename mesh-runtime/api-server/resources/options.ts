import type { FieldError } from "../../api/status.ts";
import { errors } from "../api-error.ts";
import type { ApiRequest } from "../http/request.ts";

/** Query parameters of a write. */
export interface WriteOptions {
  readonly dryRun: boolean;
  /** The name under which fields are owned; the agent's when none is given. */
  readonly fieldManager: string;
  readonly fieldValidation: "Strict" | "Warn" | "Ignore";
}

const managerBytesMax = 128;

/** Reads and checks the options. `kind` names them in errors: `CreateOptions`, `UpdateOptions`, `PatchOptions`. Throws 422. */
export function writeOptions({ query, agent }: ApiRequest, kind: string): WriteOptions {
  const found: FieldError[] = [];
  const dryRun = query.getAll("dryRun").filter((value) => value !== "");
  for (const value of dryRun) {
    if (value !== "All") {
      found.push(unsupported("dryRun", value, ["All"]));
    }
  }
  const manager = query.get("fieldManager") ?? "";
  found.push(...managerErrors(manager));
  const validation = query.get("fieldValidation") || "Warn";
  if (validation !== "Strict" && validation !== "Warn" && validation !== "Ignore") {
    found.push(unsupported("fieldValidation", validation, ["Ignore", "Strict", "Warn"]));
  }
  if (found.length > 0) {
    throw errors.invalidOptions(kind, found);
  }
  return {
    dryRun: dryRun.length > 0,
    fieldManager: manager || agent,
    fieldValidation: validation as WriteOptions["fieldValidation"],
  };
}

export const unsupported = (field: string, value: string, supported: readonly string[]): FieldError => ({
  reason: "FieldValueNotSupported",
  field,
  message: `Unsupported value: ${JSON.stringify(value)}: supported values: ${supported.map((one) => JSON.stringify(one)).join(", ")}`,
});

function managerErrors(manager: string): FieldError[] {
  if (Buffer.byteLength(manager) > managerBytesMax) {
    return [
      {
        reason: "FieldValueTooLong",
        field: "fieldManager",
        message: `Too long: may not be more than ${managerBytesMax} bytes`,
      },
    ];
  }
  return /\p{C}/u.test(manager)
    ? [
        {
          reason: "FieldValueInvalid",
          field: "fieldManager",
          message: `Invalid value: ${JSON.stringify(manager)}: should only contain printable characters`,
        },
      ]
    : [];
}

/** A resourceVersion of a query: undefined when unset. Throws 400. */
export function queryRevision(query: URLSearchParams): number | undefined {
  const text = query.get("resourceVersion") ?? "";
  if (text === "") {
    return undefined;
  }
  if (!/^\d{1,15}$/.test(text)) {
    throw errors.badRequest(
      `invalid resource version: resourceVersion: Invalid value: ${JSON.stringify(text)}: strconv.ParseUint: parsing ${JSON.stringify(text)}: invalid syntax`,
    );
  }
  return Number(text);
}

export const isTrue = (value: string | null): boolean => value === "true" || value === "1" || value === "";
