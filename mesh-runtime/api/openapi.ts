/**
 * OpenAPI v3 as an API server publishes it: one document per group and version, and an index. kubectl reads it for
 * `explain`, to merge lists when it applies, and to learn that a server knows dry runs and field validation.
 */
import type { KindDefinition } from "./kind.ts";
import { kindPaths } from "./openapi/paths.ts";
import { Components } from "./openapi/schemas.ts";
import type { JsonObject } from "./schema/json.ts";

export interface OpenApiDocument {
  readonly openapi: "3.0.0";
  readonly info: { readonly title: string; readonly version: string };
  readonly paths: Readonly<Record<string, JsonObject>>;
  readonly components: { readonly schemas: Readonly<Record<string, JsonObject>> };
}

/** The document of one group and version. Kinds of other groups and versions are left out. */
export function openApiV3(
  groupVersion: { readonly group: string; readonly version: string },
  kinds: readonly KindDefinition[],
  serverVersion = "v1.33.0",
): OpenApiDocument {
  const { group, version } = groupVersion;
  const components = new Components();
  const paths: Record<string, JsonObject> = {};
  for (const kind of kinds) {
    if (kind.group === group && kind.served.includes(version)) {
      components.addKind(kind, version);
      Object.assign(paths, kindPaths(kind, version));
    }
  }
  return {
    openapi: "3.0.0",
    info: { title: "Kubernetes", version: serverVersion },
    paths,
    components: { schemas: components.schemas },
  };
}

/** Path of a group and version below `/openapi/v3/`: `api/v1`, `apis/apps/v1`. */
export function openApiPath(groupVersion: { readonly group: string; readonly version: string }): string {
  const { group, version } = groupVersion;
  return group === "" ? `api/${version}` : `apis/${group}/${version}`;
}

/** The index at `/openapi/v3`. `hashOf` gives a text that changes with the document; clients cache by it. */
export function openApiIndex(
  groupVersions: readonly { readonly group: string; readonly version: string }[],
  hashOf: (path: string) => string,
): { readonly paths: Readonly<Record<string, { readonly serverRelativeURL: string }>> } {
  return {
    paths: Object.fromEntries(
      groupVersions.map((groupVersion) => {
        const path = openApiPath(groupVersion);
        return [path, { serverRelativeURL: `/openapi/v3/${path}?hash=${encodeURIComponent(hashOf(path))}` }];
      }),
    ),
  };
}
