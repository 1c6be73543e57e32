import type { IncomingMessage } from "node:http";
import { errors } from "../api-error.ts";
import { depthMax, scanJson } from "./json-scan.ts";
import { readYaml, YamlError } from "./yaml.ts";

/** Largest body, as in Kubernetes. */
export const bodyBytesMax = 3 << 20;

/** A decoded body. */
export interface Body {
  readonly value: unknown;
  /** What strict field validation complains about before it looks at any schema. */
  readonly duplicates: readonly string[];
}

/** Reads the raw body within its limits. Throws 413, 408. */
export function readBytes(request: IncomingMessage, timeoutMs = 30_000): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const timer = setTimeout(() => reject(errors.timeout()), timeoutMs);
    request.on("data", (chunk: Buffer) => {
      size += chunk.length;
      if (size > bodyBytesMax) {
        clearTimeout(timer);
        request.removeAllListeners("data");
        request.resume();
        reject(errors.tooLarge(bodyBytesMax));
      } else {
        chunks.push(chunk);
      }
    });
    request.on("end", () => {
      clearTimeout(timer);
      resolve(Buffer.concat(chunks));
    });
    const cut = (): void => {
      clearTimeout(timer);
      reject(errors.badRequest("the request ended early"));
    };
    request.on("error", cut);
    request.on("close", cut);
  });
}

/** The media type of a request without its parameters, in lower case. */
export const mediaType = (request: IncomingMessage): string =>
  (request.headers["content-type"] ?? "").split(";")[0]?.trim().toLowerCase() ?? "";

const utf8 = new TextDecoder("utf-8", { fatal: true });

export function textOf(bytes: Buffer): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw errors.badRequest("the body is not UTF-8");
  }
}

/** `complain` makes the error of a syntax mistake: its text depends on what the body was to be. */
export type Complain = (problem: string) => Error;

/** Decodes JSON. Throws `complain`, 400. */
export function decodeJson(text: string, complain: Complain): Body {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw complain(error instanceof Error ? error.message : "the body is no JSON");
  }
  const scan = scanJson(text);
  if (scan.isTooDeep) {
    throw errors.badRequest(`the body is nested deeper than ${depthMax}`);
  }
  if (scan.hasUnsafeKey) {
    throw errors.badRequest('"__proto__" is no field name');
  }
  return { value, duplicates: scan.duplicates.map((path) => `duplicate field ${JSON.stringify(path)}`) };
}

/** Decodes YAML, or JSON that is sent under a YAML type. Throws `complain`, 400. */
export async function decodeYaml(text: string, complain: Complain): Promise<Body> {
  if (/^\s*[{[]/.test(text)) {
    try {
      JSON.parse(text);
      return decodeJson(text, complain);
    } catch (error) {
      if (!(error instanceof SyntaxError)) {
        throw error;
      }
    }
  }
  try {
    return await readYaml(text);
  } catch (error) {
    throw error instanceof YamlError ? complain(error.message) : error;
  }
}

export const protobufType = "application/vnd.kubernetes.protobuf";

/** Decodes an object in protobuf. Throws 400. */
export async function readProtobuf(bytes: Buffer): Promise<Body> {
  const { decodeProtobuf } = await import("../protobuf/decode.ts");
  try {
    return { value: decodeProtobuf(bytes), duplicates: [] };
  } catch (error) {
    throw errors.badRequest(`the body cannot be read: ${error instanceof Error ? error.message : "no protobuf"}`);
  }
}

/** Decodes a body that carries one object: JSON, YAML or protobuf by Content-Type. Throws 415, 400. */
export async function decodeObject(request: IncomingMessage, kind: string): Promise<Body> {
  const type = mediaType(request);
  if (
    type !== protobufType &&
    !["", "application/json", "application/yaml", "application/x-yaml", "text/yaml"].includes(type)
  ) {
    throw errors.unsupportedMediaType(
      "the body of the request was in an unknown format - accepted media types include: application/json, application/yaml, application/vnd.kubernetes.protobuf",
    );
  }
  const bytes = await readBytes(request);
  if (type === protobufType) {
    return readProtobuf(bytes);
  }
  const text = textOf(bytes);
  const complain: Complain = (problem) =>
    errors.badRequest(
      `the object provided is unrecognized (must be of type ${kind}): ${problem} (${bytes.subarray(0, 30).toString("hex")} ...)`,
    );
  return type.endsWith("yaml") ? decodeYaml(text, complain) : decodeJson(text, complain);
}
