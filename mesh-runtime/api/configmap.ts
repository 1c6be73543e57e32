/** core/v1 ConfigMap: schema and type. */
import type * as z from "zod";
import { bool, dict, str } from "./schema/builders.ts";
import { object } from "./schema/object-meta.ts";

export const configMapSchema = object(
  "ConfigMap",
  "v1",
  "v1.ConfigMap",
  {},
  {
    data: dict(str()).describe("Texts by key."),
    binaryData: dict(str({ format: "byte", goType: "[]uint8" })).describe("Base64 by key."),
    immutable: bool().describe("When true, the data can never be changed."),
  },
);

export type ConfigMap = z.infer<typeof configMapSchema>;
