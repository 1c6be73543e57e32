import type * as z from "zod";
import { isPortalError, PortalError } from "@/server/errors.ts";

/** Forms and requests are small; telemetry has its own limit. */
const bodyMax = 256 * 1024;

/** Reads a request's body up to `limit` bytes. Throws `too-large`. */
export async function readBytes(request: Request, limit: number = bodyMax): Promise<Uint8Array> {
  const tooLarge = new PortalError("too-large", `The request is larger than ${limit / 1024} KiB.`);
  if (Number(request.headers.get("content-length") ?? 0) > limit) {
    throw tooLarge;
  }
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request.body ?? []) {
    size += chunk.byteLength;
    if (size > limit) {
      throw tooLarge;
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Parses a JSON body. Only `application/json` is taken, which no form of another site can send. */
export async function readJson(request: Request): Promise<unknown> {
  const type = (request.headers.get("content-type") ?? "").split(";")[0]?.trim().toLowerCase();
  if (type !== "application/json") {
    throw new PortalError("invalid-input", "Send the request as application/json.");
  }
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(await readBytes(request)));
  } catch (cause) {
    if (isPortalError(cause)) {
      throw cause;
    }
    throw new PortalError("invalid-input", "The request is not valid JSON.", { cause });
  }
}

/** Checks outside data against its schema. Throws `invalid-input` with every field that does not fit. */
export function check<T>(schema: z.ZodType<T>, value: unknown, prefix: readonly string[] = []): T {
  const result = schema.safeParse(value);
  if (result.success) {
    return result.data;
  }
  const fields = result.error.issues
    .slice(0, 50)
    .map((issue) => ({ path: [...prefix, ...issue.path.map(String)].join("."), message: issue.message }));
  const first = fields[0];
  const where = first === undefined || first.path === "" ? "" : `${first.path}: `;
  throw new PortalError("invalid-input", `${where}${first?.message ?? "The request does not fit"}.`, { fields });
}
