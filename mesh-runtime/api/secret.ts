/** core/v1 Secret: schema and type. */
import type * as z from "zod";
import { bool, dict, str } from "./schema/builders.ts";
import { object } from "./schema/object-meta.ts";

export const secretSchema = object(
  "Secret",
  "v1",
  "v1.Secret",
  {},
  {
    data: dict(str({ format: "byte", goType: "[]uint8" })).describe("Base64 by key."),
    stringData: dict(str()).describe("Texts by key; written into data, never read back."),
    immutable: bool().describe("When true, the data can never be changed."),
    type: str({ goType: "v1.SecretType" }).describe("What the secret is for; Opaque by default."),
  },
);

export type Secret = z.infer<typeof secretSchema>;
