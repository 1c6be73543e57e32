import { once } from "node:events";
import { expect, it } from "vitest";
import type { KubeObject } from "../../api/meta.ts";
import type { KubeClient } from "../../kube-client/client.ts";
import { KubeError } from "../../kube-client/error.ts";
import type { ResourceRef } from "../../kube-client/resource.ts";
import { quiet } from "../plane.suite.ts";
import { watchWorld } from "./watched-world.ts";

/** An API server that serves what it is given, and some kinds not at all. */
function serving(objects: Readonly<Record<string, readonly KubeObject[]>>, missing: readonly string[]): KubeClient {
  return {
    list: async ({ plural }: ResourceRef) => {
      if (missing.includes(plural)) {
        throw new KubeError("notFound", "the server could not find the requested resource");
      }
      return { resourceVersion: "1", items: objects[plural] ?? [] };
    },
    /** Tells nothing until it is ended. */
    watch: (_kind: ResourceRef, { signal }: { signal: AbortSignal }) => ({
      [Symbol.asyncIterator]: () => ({
        next: async () => {
          await once(signal, "abort");
          return { done: true, value: undefined };
        },
      }),
    }),
  } as unknown as KubeClient;
}

const options = { rootNamespace: "istio-system", keySets: new Map(), keyProblems: new Map() };
const named = (name: string, namespace: string, more: object = {}): KubeObject => ({
  apiVersion: "v1",
  kind: "Any",
  metadata: { name, namespace, resourceVersion: "1", uid: name },
  ...more,
});

it("is known as soon as every kind has been listed, also when some are not served", async () => {
  const warnings: unknown[] = [];
  const log = { ...quiet, warn: (message: string, fields?: object) => warnings.push([message, fields]) };
  const client = serving({ services: [named("a", "ns")] }, ["ratelimitpolicies", "grpcroutes"]);
  const watched = watchWorld(client, log, options);
  await watched.synced;
  expect([...watched.world.services.keys()]).toEqual(["ns/a"]);
  expect(watched.world.rateLimitPolicies.size + watched.world.grpcRoutes.size).toBe(0);
  expect(warnings).toEqual(
    expect.arrayContaining([
      ["kind not served by the API server", { resource: "grpcRoutes" }],
      ["kind not served by the API server", { resource: "rateLimitPolicies" }],
    ]),
  );
  watched.close();
});

it("has the mesh's own configuration, or its defaults when there is none", async () => {
  const mesh = "pathNormalization: {normalization: MERGE_SLASHES}";
  const client = serving({ configmaps: [named("istio", "istio-system", { data: { mesh } })] }, []);
  const configured = watchWorld(client, quiet, options);
  await configured.synced;
  expect(configured.world.meshConfig.pathNormalization).toBe("MERGE_SLASHES");
  configured.close();
  const plain = watchWorld(serving({}, []), quiet, options);
  await plain.synced;
  expect(plain.world.meshConfig.pathNormalization).toBe("BASE");
  plain.close();
});

it("tells its listeners of a touch as of a change of what the translation reads", async () => {
  const watched = watchWorld(serving({}, []), quiet, options);
  await watched.synced;
  const heard: unknown[] = [];
  watched.onChange((change) => heard.push(change));
  watched.touch("requestAuthentications");
  expect(heard).toEqual([{ resource: "requestAuthentications", key: "", input: true }]);
  watched.close();
});
