import { generateKeyPairSync } from "node:crypto";
import { join } from "node:path";
import { readIfThere, writePrivate } from "./files.ts";

/** The key that signs ServiceAccount tokens; made once, so that tokens outlive restarts. */
export function signingKey(data: string): string {
  const path = join(data, "service-account.key");
  const kept = readIfThere(path);
  if (kept !== undefined) {
    return kept;
  }
  const key = generateKeyPairSync("ec", { namedCurve: "prime256v1" })
    .privateKey.export({ type: "pkcs8", format: "pem" })
    .toString();
  writePrivate(path, key);
  return key;
}
