import type { KubeObject } from "../../mesh-runtime/api/meta.ts";
import { root } from "../../supervisor/config.ts";
import { giveWaypoint } from "../manifests.ts";
import type { TestMesh } from "../mesh.ts";
import { runInPod } from "../pod-session.ts";
import { namespace, pod, podCaptured, podReady, service, serviceAccount } from "../workloads.ts";

export const at = "shop";
const port = 8080;

/** How the new version of each service goes wrong. */
const services: Readonly<Record<string, readonly string[]>> = {
  good: [],
  copied: ["--fail-percent", "50"],
  failing: ["--fail-percent", "50"],
  slow: ["--slow-percent", "60", "--slow-ms", "1500"],
  both: ["--fail-percent", "50", "--slow-percent", "60", "--slow-ms", "1500"],
  burning: ["--fail-percent", "80", "--burn-seconds", "100"],
  quiet: [],
  edited: [],
  first: [],
  second: ["--fail-percent", "50"],
};

function version(name: string, of: string, node: string, more: readonly string[]): KubeObject {
  const object = pod(at, `${name}-${of}`, node, `towpath/purchase-history:${of}`, port);
  const { spec } = object as unknown as { spec: { containers: Record<string, unknown>[] } };
  return {
    ...object,
    metadata: { ...object.metadata, labels: { app: name, version: of } },
    spec: {
      ...spec,
      serviceAccountName: name,
      containers: spec.containers.map((container) => ({
        ...container,
        // With arguments of its own it must be told what program it is.
        command: ["node", `${root}/demo/workloads/chain-service.ts`],
        args: ["--service", name, "--version", of, ...more],
      })),
    },
  } as KubeObject;
}

/** Services of two versions each behind one waypoint, and somebody who calls them. */
export async function openShops(mesh: TestMesh, names = Object.keys(services)): Promise<void> {
  await mesh.apply(namespace(at, true), serviceAccount(at, "caller"), pod(at, "caller", "node-a", "towpath/sleep"));
  for (const name of names) {
    await mesh.apply(
      serviceAccount(at, name),
      service(at, name, port),
      version(name, "v1", "node-a", []),
      version(name, "v2", "node-b", services[name] ?? []),
    );
  }
  await giveWaypoint(mesh, at, names);
  for (const name of ["caller", ...names.flatMap((one) => [`${one}-v1`, `${one}-v2`])]) {
    await podReady(mesh, at, name);
    await podCaptured(mesh, at, name);
  }
}

export interface Answers {
  readonly total: number;
  readonly v1: number;
  readonly v2: number;
  /** Of v2. */
  readonly failed: number;
  /** Neither 200 nor an answer of a version. */
  readonly lost: number;
}

const none: Answers = { total: 0, v1: 0, v2: 0, failed: 0, lost: 0 };

/** Milliseconds since the epoch, status (0: no answer), version. */
export type Answer = readonly [number, number, string];

/** Calls of a service, each with its time; `flags` are those of `version-load.ts`. */
export async function timedAnswers(mesh: TestMesh, name: string, ...flags: string[]): Promise<Answer[]> {
  const url = `http://${name}.${at}:${port}/`;
  const command = ["node", `${root}/scenarios/version-load.ts`, "--url", url, ...flags];
  const { stdout, stderr } = await runInPod(mesh.kubeconfig, { namespace: at, name: "caller" }, command);
  if (!stdout.startsWith("{")) {
    throw new Error(stderr || "no answers");
  }
  return (JSON.parse(stdout) as { readonly answers: Answer[] }).answers;
}

async function answers(mesh: TestMesh, name: string, ...flags: string[]): Promise<Answers> {
  const told = await timedAnswers(mesh, name, ...flags);
  const count = (is: (status: number, version: string) => boolean): number =>
    told.filter(([, status, version]) => is(status, version)).length;
  return {
    total: told.length,
    v1: count((_, version) => version === "v1"),
    v2: count((_, version) => version === "v2"),
    failed: count((status, version) => version === "v2" && status >= 500),
    lost: count((status, version) => status === 0 || (version !== "v1" && version !== "v2")),
  };
}

/** So many calls, one after the other on a few connections. */
export const ask = (mesh: TestMesh, name: string, count: number): Promise<Answers> =>
  answers(mesh, name, "--count", String(count), "--connections", "2");

/** Calls a service until it is stopped; then all that callers saw. */
export class Load {
  #running = true;
  readonly #done: Promise<Answers>;

  constructor(mesh: TestMesh, name: string) {
    this.#done = (async () => {
      let all = none;
      while (this.#running) {
        const more = await answers(mesh, name, "--seconds", "4", "--connections", "12", "--pause-ms", "150");
        all = {
          total: all.total + more.total,
          v1: all.v1 + more.v1,
          v2: all.v2 + more.v2,
          failed: all.failed + more.failed,
          lost: all.lost + more.lost,
        };
      }
      return all;
    })();
    // Whoever stops it hears of it.
    this.#done.catch(() => undefined);
  }

  stop(): Promise<Answers> {
    this.#running = false;
    return this.#done;
  }
}
