import { createHash } from "node:crypto";
import type { KindDefinition } from "../../api/kind.ts";
import type { Answer } from "../http/respond.ts";

/** Answers `/openapi/v3` and what is below it; undefined for paths that are none. */
export type Openapi = (path: string) => Promise<Answer | undefined>;

const root = "/openapi/v3";

/** The documents are made when they are first asked for: most clients never do. */
export function createOpenapi(kinds: readonly KindDefinition[]): Openapi {
  let documents: Promise<ReadonlyMap<string, string>> | undefined;
  return async (path) => {
    if (path !== root && !path.startsWith(`${root}/`)) {
      return undefined;
    }
    documents ??= makeDocuments(kinds);
    const body = (await documents).get(path);
    return body === undefined ? undefined : { code: 200, body };
  };
}

async function makeDocuments(kinds: readonly KindDefinition[]): Promise<ReadonlyMap<string, string>> {
  const { openApiIndex, openApiPath, openApiV3 } = await import("../../api/openapi.ts");
  const versions = [
    ...new Map(
      kinds.flatMap(({ group, served }) =>
        served.map((version) => [`${group}/${version}`, { group, version }] as const),
      ),
    ).values(),
  ];
  const bodies = new Map(
    versions.map((version) => [openApiPath(version), JSON.stringify(openApiV3(version, kinds))] as const),
  );
  const hashOf = (path: string): string =>
    createHash("sha256")
      .update(bodies.get(path) ?? "")
      .digest("hex");
  return new Map([
    [root, JSON.stringify(openApiIndex(versions, hashOf))],
    ...[...bodies].map(([path, body]) => [`${root}/${path}`, body] as const),
  ]);
}
