import type { IncomingMessage } from "node:http";
import { failure } from "../../api/status.ts";
import { ApiError } from "../api-error.ts";

/** The form in which objects are sent. */
export type Form = "object" | "table" | "metadata";

/** Parses `Accept` into media types with their parameters, in the client's order. */
export function acceptedTypes(
  header: string | undefined,
): readonly { readonly type: string; readonly params: ReadonlyMap<string, string> }[] {
  return (header ?? "*/*")
    .slice(0, 4_096)
    .split(",")
    .map((entry) => {
      const [type = "", ...params] = entry.split(";").map((part) => part.trim());
      return {
        type: type.toLowerCase(),
        params: new Map(
          params.map((param) => {
            const [name = "", value = ""] = param.split("=");
            return [name.trim(), value.trim()] as const;
          }),
        ),
      };
    });
}

const jsonLike = new Set(["application/json", "*/*", "application/*", "application/yaml"]);

/** Chooses the first form of `Accept` that the server can give. Throws 406. */
export function formOf(request: IncomingMessage): Form {
  for (const { type, params } of acceptedTypes(request.headers.accept)) {
    if (!jsonLike.has(type)) {
      continue;
    }
    const as = params.get("as");
    if (as === undefined) {
      return "object";
    }
    if (as === "Table" && params.get("v") === "v1") {
      return "table";
    }
    if ((as === "PartialObjectMetadata" || as === "PartialObjectMetadataList") && params.get("v") === "v1") {
      return "metadata";
    }
  }
  throw new ApiError(
    failure(
      406,
      "NotAcceptable",
      "only the following media types are accepted: application/json, application/json;stream=watch",
    ),
  );
}
