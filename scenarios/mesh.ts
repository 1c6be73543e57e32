import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { KubeObject } from "../mesh-runtime/api/meta.ts";
import { kindByGvk } from "../mesh-runtime/api/registry.ts";
import { createKubeClient, type KubeClient } from "../mesh-runtime/kube-client/client.ts";
import { type Kubeconfig, loadKubeconfig } from "../mesh-runtime/kube-client/kubeconfig.ts";
import { type ResourceRef, typed } from "../mesh-runtime/kube-client/resource.ts";
import { startTowpath, type Towpath } from "../supervisor/towpath.ts";
import { Collector } from "./collector.ts";

const silent = { progress() {}, ready() {}, alreadyRunning() {}, failed() {}, stopping() {} };

export function refOf(object: Pick<KubeObject, "apiVersion" | "kind">): ResourceRef {
  const [version = "", group = ""] = (object.apiVersion ?? "").split("/").reverse();
  const kind = kindByGvk({ group, version, kind: object.kind ?? "" });
  if (kind === undefined) {
    throw new Error(`no kind ${object.apiVersion} ${object.kind}`);
  }
  return typed(kind);
}

/** The embedded mesh with real processes in a home of its own; without portal, and with the demo only when asked. */
export class TestMesh implements AsyncDisposable {
  readonly towpath: Towpath;
  readonly client: KubeClient;
  readonly kubeconfig: Kubeconfig;
  /** What the proxies pushed. */
  readonly collector: Collector;

  private constructor(towpath: Towpath, collector: Collector, client: KubeClient, kubeconfig: Kubeconfig) {
    this.towpath = towpath;
    this.collector = collector;
    this.client = client;
    this.kubeconfig = kubeconfig;
  }

  static async start({ demo = false, home }: { demo?: boolean; home?: string } = {}): Promise<TestMesh> {
    const collector = await Collector.start();
    const towpath = await startTowpath(
      {
        home: home ?? (await mkdtemp(join(tmpdir(), "towpath-scenario-"))),
        portalPort: collector.port,
        gatewayPort: 0,
        databaseUrl: undefined,
        demo,
        portal: false,
        reset: false,
        json: true,
      },
      { reporter: silent, env: process.env },
    );
    const kubeconfig = await loadKubeconfig(towpath.home.kubeconfig);
    return new TestMesh(towpath, collector, createKubeClient({ kubeconfig, component: "scenario" }), kubeconfig);
  }

  /** Server-side apply of whole objects. */
  async apply(...objects: readonly KubeObject[]): Promise<void> {
    for (const object of objects) {
      const { name, namespace } = object.metadata ?? {};
      await this.client.patch(refOf(object), { name, namespace }, { type: "apply", body: object, force: true });
    }
  }

  async delete(object: KubeObject): Promise<void> {
    const { name, namespace } = object.metadata ?? {};
    await this.client.delete(refOf(object), { name, namespace });
  }

  /** Follows one object until it is as wanted; `undefined` stands for "not there". Rejects after `withinMs`. */
  async until<T extends KubeObject>(
    kind: ResourceRef<T>,
    key: { readonly namespace?: string; readonly name: string },
    wanted: (object: T | undefined) => boolean,
    withinMs = 30_000,
  ): Promise<T | undefined> {
    const signal = AbortSignal.timeout(withinMs);
    const options = { namespace: key.namespace, fieldSelector: `metadata.name=${key.name}`, signal };
    let last: T | undefined;
    let problem: unknown;
    // The server may be killed meanwhile: begin again until the time is over.
    while (!signal.aborted) {
      try {
        const { items, resourceVersion } = await this.client.list<T>(kind, options);
        last = items[0];
        if (wanted(last)) {
          return last;
        }
        for await (const { type, object } of this.client.watch<T>(kind, { ...options, resourceVersion })) {
          if (type === "BOOKMARK") {
            continue;
          }
          last = type === "DELETED" ? undefined : (object as T);
          if (wanted(last)) {
            return last;
          }
        }
      } catch (error) {
        problem = error;
        await new Promise(setImmediate);
      }
    }
    throw new Error(
      `${kind.kind} ${key.namespace ?? ""}/${key.name} did not become as wanted: ${JSON.stringify(last)}`,
      { cause: problem },
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.client.close();
    await this.towpath.close();
    await this.collector.close();
    await rm(this.towpath.home.path, { recursive: true, force: true, maxRetries: 5 });
    await rm(this.towpath.home.run, { recursive: true, force: true });
  }
}
