import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import type { KubeObject } from "../mesh-runtime/api/meta.ts";
import { kindByGvk } from "../mesh-runtime/api/registry.ts";
import type { KubeClient } from "../mesh-runtime/kube-client/client.ts";
import { typed } from "../mesh-runtime/kube-client/resource.ts";
import { root } from "./config.ts";

/** Field manager of the demo's objects: what people change afterwards is theirs. */
const fieldManager = "towpath-demo";

/** The demo company's objects, namespaces first, as they stand in `demo/manifests`. */
export async function demoObjects(): Promise<KubeObject[]> {
  const folder = join(root, "demo", "manifests");
  const files = (await readdir(folder)).filter((name) => name.endsWith(".yaml")).sort();
  const texts = await Promise.all(files.map((name) => readFile(join(folder, name), "utf8")));
  return texts.flatMap((text) =>
    parseAllDocuments(text)
      .map((document) => document.toJS() as KubeObject | null)
      .filter((object) => object !== null),
  );
}

/** Applies the demo company by server-side apply. */
export async function applyDemo(client: KubeClient): Promise<void> {
  const objects = await demoObjects();
  const apply = async (object: KubeObject): Promise<void> => {
    const [version = "", group = ""] = (object.apiVersion ?? "").split("/").reverse();
    const kind = kindByGvk({ group, version, kind: object.kind ?? "" });
    if (kind === undefined) {
      throw new Error(`demo manifest of unknown kind ${object.apiVersion} ${object.kind}`);
    }
    const { name, namespace } = object.metadata ?? {};
    await client.patch(
      typed(kind),
      { name, namespace },
      { type: "apply", body: object, force: true },
      { fieldManager },
    );
  };
  const first = objects.filter(({ kind }) => kind === "Namespace");
  await Promise.all(first.map(apply));
  const second = objects.filter(({ kind }) => kind === "ServiceAccount");
  await Promise.all(second.map(apply));
  await Promise.all(objects.filter((object) => !first.includes(object) && !second.includes(object)).map(apply));
}
