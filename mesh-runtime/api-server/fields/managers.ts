import type { ManagedFieldsEntry } from "../../api/meta.ts";
import { type FieldSet, fromFieldsV1, isEmpty, toFieldsV1 } from "./field-set.ts";

/** One manager of some of an object's fields. */
export interface Manager {
  readonly manager: string;
  readonly operation: "Apply" | "Update";
  /** Version of the API through which the fields were written. */
  readonly apiVersion: string;
  readonly subresource: string | undefined;
  readonly time: string | undefined;
  readonly fields: FieldSet;
}

/** Managers by identity. Appliers are one whatever version they use; updaters are one per version. */
export type Managers = ReadonlyMap<string, Manager>;

type Identity = Pick<Manager, "manager" | "operation" | "apiVersion" | "subresource">;

/** The key of a manager. */
export const identityOf = ({ manager, operation, apiVersion, subresource }: Identity): string =>
  JSON.stringify([manager, operation, operation === "Apply" ? "" : apiVersion, subresource ?? ""]);

/** Reads `metadata.managedFields`; undefined when any entry is not understood. */
export function decodeManagers(entries: readonly ManagedFieldsEntry[] | undefined): Managers | undefined {
  const out = new Map<string, Manager>();
  for (const entry of entries ?? []) {
    const { manager = "", operation, apiVersion, subresource, time, fieldsType, fieldsV1 } = entry;
    if ((operation !== "Apply" && operation !== "Update") || apiVersion === undefined || fieldsType !== "FieldsV1") {
      return undefined;
    }
    try {
      const decoded: Manager = {
        manager,
        operation,
        apiVersion,
        subresource: subresource || undefined,
        time: time ?? undefined,
        fields: fromFieldsV1(fieldsV1 ?? {}),
      };
      out.set(identityOf(decoded), decoded);
    } catch {
      return undefined;
    }
  }
  return out;
}

/** Writes `metadata.managedFields`: appliers first, then by time and name. Undefined when nobody owns anything. */
export function encodeManagers(managers: Managers): ManagedFieldsEntry[] | undefined {
  const entries = [...managers.values()]
    .filter(({ fields }) => !isEmpty(fields))
    .sort(
      (a, b) =>
        byText(a.operation, b.operation) ||
        byText(a.time ?? "", b.time ?? "") ||
        byText(a.manager, b.manager) ||
        byText(a.apiVersion, b.apiVersion) ||
        byText(a.subresource ?? "", b.subresource ?? ""),
    )
    .map(
      ({ manager, operation, apiVersion, subresource, time, fields }): ManagedFieldsEntry => ({
        manager,
        operation,
        apiVersion,
        ...(time === undefined ? {} : { time }),
        fieldsType: "FieldsV1",
        fieldsV1: toFieldsV1(fields),
        ...(subresource === undefined ? {} : { subresource }),
      }),
    );
  return entries.length === 0 ? undefined : entries;
}

const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
