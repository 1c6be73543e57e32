/** Paths of an OpenAPI v3 document: which verbs a kind has, with the parameters by which kubectl finds features. */
import type { KindDefinition } from "../kind.ts";
import type { JsonObject } from "../schema/json.ts";
import { componentName, ref } from "./schemas.ts";

type Parameter =
  | "dryRun"
  | "fieldManager"
  | "fieldValidation"
  | "force"
  | "pretty"
  | "watch"
  | "labelSelector"
  | "fieldSelector"
  | "limit"
  | "continue"
  | "resourceVersion"
  | "timeoutSeconds"
  | "gracePeriodSeconds"
  | "propagationPolicy";

const integers = new Set<Parameter>(["limit", "timeoutSeconds", "gracePeriodSeconds"]);
const booleans = new Set<Parameter>(["force", "watch"]);

const query = (name: Parameter): JsonObject => ({
  name,
  in: "query",
  schema: {
    type: integers.has(name) ? "integer" : booleans.has(name) ? "boolean" : "string",
    uniqueItems: true,
  },
});
const pathParameter = (name: string): JsonObject => ({
  name,
  in: "path",
  required: true,
  schema: { type: "string", uniqueItems: true },
});

const writing: readonly Parameter[] = ["dryRun", "fieldManager", "fieldValidation", "pretty"];
const listing: readonly Parameter[] = [
  "continue",
  "fieldSelector",
  "labelSelector",
  "limit",
  "resourceVersion",
  "timeoutSeconds",
  "watch",
];
const parametersOf: Readonly<Record<string, readonly Parameter[]>> = {
  list: listing,
  get: ["pretty", "resourceVersion"],
  post: writing,
  put: writing,
  patch: [...writing, "force"],
  delete: ["dryRun", "gracePeriodSeconds", "propagationPolicy"],
  deletecollection: [...listing.filter((name) => name !== "watch"), "dryRun"],
};

const patchTypes = (native: boolean) => [
  "application/apply-patch+yaml",
  "application/json-patch+json",
  "application/merge-patch+json",
  ...(native ? ["application/strategic-merge-patch+json"] : []),
];

/** All paths of one kind at one served version. */
export function kindPaths(kind: KindDefinition, version: string): Record<string, JsonObject> {
  const root = kind.group === "" ? `/api/${version}` : `/apis/${kind.group}/${version}`;
  const collection = kind.namespaced ? `${root}/namespaces/{namespace}/${kind.plural}` : `${root}/${kind.plural}`;
  const one = `${collection}/{name}`;
  const scope = kind.namespaced ? [pathParameter("namespace")] : [];
  const named = [...scope, pathParameter("name")];
  const op = (action: string) => operation(kind, version, action);
  const paths: Record<string, JsonObject> = {
    [collection]: { get: op("list"), post: op("post"), delete: op("deletecollection"), parameters: scope },
    [one]: { get: op("get"), put: op("put"), patch: op("patch"), delete: op("delete"), parameters: named },
  };
  if (kind.namespaced) {
    paths[`${root}/${kind.plural}`] = { get: op("list") };
  }
  if (kind.hasStatus) {
    paths[`${one}/status`] = { get: op("get"), put: op("put"), patch: op("patch"), parameters: named };
  }
  if (kind.scale) {
    paths[`${one}/scale`] = { get: op("get"), put: op("put"), patch: op("patch"), parameters: named };
  }
  return paths;
}

function operation(kind: KindDefinition, version: string, action: string): JsonObject {
  const item = componentName(kind, version);
  const answer = action === "list" ? componentName(kind, version, kind.listKind) : item;
  const types =
    action === "patch" ? patchTypes(kind.native) : action === "post" || action === "put" ? ["*/*"] : undefined;
  return {
    operationId: `${action}${kind.group === "" ? "Core" : kind.group.replaceAll(".", "-")}${version}${kind.kind}`,
    "x-kubernetes-action": action,
    "x-kubernetes-group-version-kind": { group: kind.group, version, kind: kind.kind },
    parameters: (parametersOf[action] ?? []).map(query),
    ...(types
      ? {
          requestBody: {
            required: true,
            content: Object.fromEntries(
              types.map((type) => [type, { schema: action === "patch" ? { type: "object" } : ref(item) }]),
            ),
          },
        }
      : {}),
    responses: {
      "200": { description: "OK", content: { "application/json": { schema: ref(answer) } } },
      "401": { description: "Unauthorized" },
    },
  };
}
