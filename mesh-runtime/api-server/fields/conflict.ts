import type { StatusCause } from "../../api/status.ts";
import { difference, type FieldSet, isEmpty, pathsOf, pathText } from "./field-set.ts";
import type { Manager } from "./managers.ts";

/** An apply would change fields of other managers. */
export class Conflict extends Error {
  override readonly name = "Conflict";
  readonly conflicts: readonly { readonly manager: Manager; readonly fields: FieldSet }[];

  constructor(conflicts: readonly { readonly manager: Manager; readonly fields: FieldSet }[]) {
    const byManager = conflicts
      .map(({ manager, fields }) => ({ who: managerText(manager), paths: [...pathsOf(fields)].map(pathText) }))
      .sort((a, b) => (a.who < b.who ? -1 : 1));
    const count = byManager.reduce((sum, { paths }) => sum + paths.length, 0);
    super(
      count === 1
        ? `Apply failed with 1 conflict: conflict with ${byManager[0]?.who}: ${byManager[0]?.paths[0]}`
        : `Apply failed with ${count} conflicts: ${byManager
            .map(({ who, paths }) => `conflicts with ${who}:\n${paths.map((path) => `- ${path}`).join("\n")}`)
            .join("\n")}`,
    );
    this.conflicts = conflicts;
  }

  /** The conflicts that `allowed` does not cover; undefined when it covers all. */
  without(allowed: FieldSet): Conflict | undefined {
    const rest = this.conflicts
      .map(({ manager, fields }) => ({ manager, fields: difference(fields, allowed) }))
      .filter(({ fields }) => !isEmpty(fields));
    return rest.length === 0 ? undefined : new Conflict(rest);
  }

  /** One cause for each field, as the Status of the answer lists them. */
  get causes(): StatusCause[] {
    return this.conflicts.flatMap(({ manager, fields }) =>
      [...pathsOf(fields)].map((path) => ({
        reason: "FieldManagerConflict",
        message: `conflict with ${managerText(manager)}`,
        field: pathText(path),
      })),
    );
  }
}

function managerText({ manager, operation, apiVersion, subresource }: Manager): string {
  const through = subresource === undefined ? "" : ` with subresource ${JSON.stringify(subresource)}`;
  return `${JSON.stringify(manager)}${through}${operation === "Update" ? ` using ${apiVersion}` : ""}`;
}
