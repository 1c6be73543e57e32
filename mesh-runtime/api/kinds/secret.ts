/** core/v1 Secret: behaviour. */
import { type Secret, secretSchema } from "../secret.ts";
import type { FieldError } from "../status.ts";
import { dataErrors, immutableErrors } from "../validation/data.ts";
import { invalid, required } from "../validation/field-errors.ts";
import { ageColumn, column, nameColumn } from "./columns.ts";
import { nativeKind } from "./define.ts";

const encoder = new TextEncoder();

function base64(text: string): string {
  let binary = "";
  for (const byte of encoder.encode(text)) {
    binary += String.fromCharCode(byte);
  }
  return btoa(binary);
}

/** A certificate comes with its key; what they hold is for their readers to judge. */
function certificateErrors(secret: Secret): FieldError[] {
  const data = secret.data ?? {};
  return secret.type === "kubernetes.io/tls"
    ? ["tls.crt", "tls.key"].filter((key) => !Object.hasOwn(data, key)).map((key) => required(`data[${key}]`))
    : [];
}

export const secretKind = nativeKind<Secret>({
  group: "",
  version: "v1",
  kind: "Secret",
  plural: "secrets",
  schema: secretSchema,
  defaults: (secret) => {
    const { stringData, ...rest } = secret;
    const texts = Object.entries(stringData ?? {}).map(([key, text]) => [key, base64(text)] as const);
    return {
      ...rest,
      type: secret.type || "Opaque",
      ...(texts.length > 0 ? { data: { ...secret.data, ...Object.fromEntries(texts) } } : {}),
    };
  },
  validate: (secret, old): FieldError[] => [
    ...(old !== undefined && old.type !== secret.type
      ? [invalid("type", secret.type ?? "", "field is immutable")]
      : []),
    ...(old?.immutable ? immutableErrors(secret, old, ["data"]) : []),
    ...dataErrors(secret.data, "data"),
    ...certificateErrors(secret),
  ],
  columns: [
    nameColumn,
    column("Type", (secret: Secret) => secret.type ?? ""),
    column("Data", (secret: Secret) => Object.keys(secret.data ?? {}).length, { type: "integer" }),
    ageColumn,
  ],
});
