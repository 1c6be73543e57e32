/** core/v1 ConfigMap: behaviour. */
import { type ConfigMap, configMapSchema } from "../configmap.ts";
import type { FieldError } from "../status.ts";
import { dataErrors, immutableErrors } from "../validation/data.ts";
import { invalid } from "../validation/field-errors.ts";
import { ageColumn, column, nameColumn } from "./columns.ts";
import { nativeKind } from "./define.ts";

export const configMapKind = nativeKind<ConfigMap>({
  group: "",
  version: "v1",
  kind: "ConfigMap",
  plural: "configmaps",
  shortNames: ["cm"],
  schema: configMapSchema,
  validate: (map, old): FieldError[] => [
    ...(old?.immutable ? immutableErrors(map, old, ["data", "binaryData"]) : []),
    ...dataErrors(map.data, "data"),
    ...dataErrors(map.binaryData, "binaryData"),
    ...Object.keys(map.data ?? {})
      .filter((key) => Object.hasOwn(map.binaryData ?? {}, key))
      .map((key) => invalid(`data[${key}]`, key, "duplicate of key present in binaryData")),
  ],
  columns: [
    nameColumn,
    column("Data", (map: ConfigMap) => Object.keys(map.data ?? {}).length + Object.keys(map.binaryData ?? {}).length, {
      type: "integer",
    }),
    ageColumn,
  ],
});
