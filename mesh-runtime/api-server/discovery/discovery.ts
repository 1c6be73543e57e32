import type { KindDefinition } from "../../api/kind.ts";
import { acceptedTypes } from "../http/negotiate.ts";
import type { Answer } from "../http/respond.ts";
import { type DiscoveredVersion, discoveredVersions } from "./resources.ts";

/** Answers `/api`, `/apis` and what is below them; undefined for paths that are no discovery document. */
export type Discovery = (path: string, accept: string | undefined) => Answer | undefined;

const apiVersion = ({ group, version }: DiscoveredVersion): string => (group === "" ? version : `${group}/${version}`);

/** Prepares all discovery documents once; they never change while the server runs. */
export function createDiscovery(kinds: readonly KindDefinition[]): Discovery {
  const versions = discoveredVersions(kinds);
  const core = versions.filter(({ group }) => group === "");
  const groupNames = [...new Set(versions.map(({ group }) => group))].filter((group) => group !== "");
  const documents = new Map<string, string>();
  const put = (path: string, document: object): void => {
    documents.set(path, JSON.stringify(document));
  };
  put("/api", {
    kind: "APIVersions",
    versions: core.map(({ version }) => version),
    serverAddressByClientCIDRs: [],
  });
  put("/apis", {
    kind: "APIGroupList",
    apiVersion: "v1",
    groups: groupNames.map((group) => groupDocument(group, versions)),
  });
  for (const group of groupNames) {
    put(`/apis/${group}`, { ...groupDocument(group, versions), kind: "APIGroup", apiVersion: "v1" });
  }
  for (const version of versions) {
    put(`${version.group === "" ? "/api" : `/apis/${version.group}`}/${version.version}`, resourceList(version));
  }
  const aggregated = new Map<string, ReadonlyMap<string, string>>();
  for (const level of ["v2", "v2beta1"]) {
    const list = (groups: readonly string[]): string =>
      JSON.stringify({
        kind: "APIGroupDiscoveryList",
        apiVersion: `apidiscovery.k8s.io/${level}`,
        metadata: {},
        items: groups.map((group) => aggregatedGroup(group, versions)),
      });
    aggregated.set(
      level,
      new Map([
        ["/api", list([""])],
        ["/apis", list(groupNames)],
      ]),
    );
  }

  return (path, accept) => {
    const trimmed = path.length > 1 ? path.replace(/\/$/, "") : path;
    for (const { params } of acceptedTypes(accept)) {
      const level = params.get("v") ?? "";
      const body =
        params.get("as") === "APIGroupDiscoveryList" && params.get("g") === "apidiscovery.k8s.io"
          ? aggregated.get(level)?.get(trimmed)
          : undefined;
      if (body !== undefined) {
        const contentType = `application/json;g=apidiscovery.k8s.io;v=${level};as=APIGroupDiscoveryList`;
        return { code: 200, body, contentType, headers: { vary: "Accept" } };
      }
    }
    const body = documents.get(trimmed);
    return body === undefined ? undefined : { code: 200, body };
  };
}

function groupDocument(group: string, versions: readonly DiscoveredVersion[]): object {
  const own = versions
    .filter((version) => version.group === group)
    .map((version) => ({ groupVersion: apiVersion(version), version: version.version }));
  return { name: group, versions: own, preferredVersion: own[0] };
}

function resourceList(version: DiscoveredVersion): object {
  return {
    kind: "APIResourceList",
    apiVersion: "v1",
    groupVersion: apiVersion(version),
    resources: version.resources.flatMap((resource) => [
      {
        name: resource.plural,
        singularName: resource.singular,
        namespaced: resource.namespaced,
        kind: resource.kind,
        verbs: resource.verbs,
        ...(resource.shortNames.length > 0 ? { shortNames: resource.shortNames } : {}),
        ...(resource.categories.length > 0 ? { categories: resource.categories } : {}),
      },
      ...resource.subresources.map(({ name, kind, group, version: of, verbs }) => ({
        name: `${resource.plural}/${name}`,
        singularName: "",
        namespaced: resource.namespaced,
        group,
        version: of,
        kind,
        verbs,
      })),
    ]),
  };
}

function aggregatedGroup(group: string, versions: readonly DiscoveredVersion[]): object {
  return {
    metadata: { name: group === "" ? undefined : group, creationTimestamp: null },
    versions: versions
      .filter((version) => version.group === group)
      .map(({ version, resources }) => ({
        version,
        freshness: "Current",
        resources: resources.map((resource) => ({
          resource: resource.plural,
          responseKind: { group, version, kind: resource.kind },
          scope: resource.namespaced ? "Namespaced" : "Cluster",
          singularResource: resource.singular,
          verbs: resource.verbs,
          ...(resource.shortNames.length > 0 ? { shortNames: resource.shortNames } : {}),
          ...(resource.categories.length > 0 ? { categories: resource.categories } : {}),
          ...(resource.subresources.length > 0
            ? {
                subresources: resource.subresources.map(({ name, kind, group: of, version: level, verbs }) => ({
                  subresource: name,
                  responseKind: { group: of, version: level, kind },
                  verbs,
                })),
              }
            : {}),
        })),
      })),
  };
}
