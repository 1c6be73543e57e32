import type { KindDefinition, PrinterColumn } from "../../api/kind.ts";
import type { KubeObject } from "../../api/meta.ts";

interface Row {
  readonly cells: readonly unknown[];
  readonly object: unknown;
}

/** `includeObject` of a table request. */
export type IncludeObject = "None" | "Metadata" | "Object";

/** The columns that every client gets; kubectl prints NAMESPACE by itself. */
export function columnDefinitions(columns: readonly PrinterColumn[]): readonly object[] {
  return columns.map(({ name, type, format, description, priority }) => ({
    name,
    type,
    format: format ?? "",
    description,
    priority,
  }));
}

/** `meta.k8s.io/v1` Table of some objects. `withColumns: false` for all but the first event of a watch. */
export function tableOf(
  kind: KindDefinition,
  objects: readonly KubeObject[],
  options: {
    readonly now: Date;
    readonly include: IncludeObject;
    readonly metadata: object;
    readonly withColumns?: boolean;
  },
): object {
  const { now, include, metadata, withColumns = true } = options;
  return {
    kind: "Table",
    apiVersion: "meta.k8s.io/v1",
    metadata,
    columnDefinitions: withColumns ? columnDefinitions(kind.columns) : null,
    rows: objects.map(
      (object): Row => ({
        cells: kind.columns.map((column) => cellOf(column, object, now)),
        object: include === "None" ? null : include === "Object" ? object : metadataOnly(object),
      }),
    ),
  };
}

/** A column that cannot cope with an object shows nothing rather than failing the whole list. */
function cellOf(column: PrinterColumn, object: KubeObject, now: Date): unknown {
  try {
    return column.cell(object, now);
  } catch {
    return null;
  }
}

/** `meta.k8s.io/v1` PartialObjectMetadata. */
export const metadataOnly = ({ metadata }: KubeObject): KubeObject => ({
  kind: "PartialObjectMetadata",
  apiVersion: "meta.k8s.io/v1",
  metadata,
});
