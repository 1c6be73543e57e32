import { setTimeout as sleep } from "node:timers/promises";
import type { Log } from "../common/log.ts";
import { isKubeError } from "../kube-client/error.ts";
import { pickAppPort } from "./app-port.ts";
import { pickPodAddress, podAddresses } from "./pod-address.ts";
import type { PodRecord } from "./pod-record.ts";
import type { Pod } from "./pod-types.ts";
import { createPodWorker, type PodWorker, type Sandbox } from "./pod-worker.ts";
import type { PodWorkerContext } from "./pod-worker-context.ts";
import { isAlive } from "./process-table.ts";
import { adoptSession, killSession } from "./session-process.ts";

export interface PodSetOptions {
  readonly podCidr: string;
  readonly context: PodWorkerContext;
  /** Takes the pod's object away, now that nothing of it is left. */
  readonly removed: (pod: Pod) => Promise<void>;
  readonly log: Log;
}

/** All pods of a node. */
export interface PodSet {
  /** The API has this pod on this node. */
  set(pod: Pod): void;
  /** The API has it no longer. */
  gone(uid: string): void;
  /** The first list is complete: ends what earlier lives left and nobody wishes any more. */
  forgetOthers(): void;
  namespaceChanged(namespace: string): void;
  /** Resolves when every pod that is known now has its place, so that the agent was told of it. */
  started(): Promise<void>;
  worker(uid: string): PodWorker | undefined;
  find(namespace: string, name: string): PodWorker | undefined;
  /** Ends all processes; the pods stay in the API and run again at the next start. */
  close(graceMs: number): Promise<void>;
}

interface Entry {
  starting: Promise<PodWorker | undefined>;
  worker: PodWorker | undefined;
  latest: Pod;
  ending: Promise<void> | undefined;
}

const retryMs = 1_000;

export function createPodSet({ podCidr, context, removed, log }: PodSetOptions): PodSet {
  const entries = new Map<string, Entry>();
  const { records } = context;
  const loaded = records.load();
  const left = new Map<string, PodRecord>(loaded.records.map((record) => [record.uid, record]));
  /** Of live pods and of records not yet claimed: both may have processes. */
  const addresses = new Map<string, string>(loaded.records.map(({ uid, podIP }) => [uid, podIP]));
  const reservedPorts = new Set(loaded.records.flatMap(({ appPorts }) => appPorts.map(([, port]) => port)));
  const portsOf = new Map<string, number[]>(
    loaded.records.map(({ uid, appPorts }) => [uid, appPorts.map(([, port]) => port)]),
  );
  const nodeNumber = Number(podCidr.split(".")[2]);
  const ownAddresses = new Set(podAddresses(podCidr));
  const survivors = new Map(records.survivors());
  let lastAddress: string | undefined;
  let closing = false;

  const makeSandbox = async (pod: Pod, record: PodRecord | undefined): Promise<Sandbox> => {
    const uid = pod.metadata?.uid ?? "";
    const kept = record !== undefined && ownAddresses.has(record.podIP) ? record.podIP : undefined;
    const podIP = kept ?? pickPodAddress(podCidr, new Set(addresses.values()), lastAddress);
    if (podIP === undefined) {
      throw new Error(`all addresses of ${podCidr} are in use`);
    }
    lastAddress = podIP;
    addresses.set(uid, podIP);
    const appPorts = new Map(record?.appPorts);
    for (const { containerPort } of (pod.spec?.containers ?? []).flatMap((container) => container.ports ?? [])) {
      if (!appPorts.has(containerPort)) {
        const port = await pickAppPort(reservedPorts, nodeNumber);
        appPorts.set(containerPort, port);
        portsOf.set(uid, [...appPorts.values()]);
      }
    }
    return { podIP, appPorts };
  };

  const start = async (uid: string, record: PodRecord | undefined): Promise<PodWorker | undefined> => {
    const entry = (): Entry | undefined => entries.get(uid);
    for (;;) {
      const { latest: pod, ending } = entry() ?? {};
      if (pod === undefined || closing || ending !== undefined) {
        return undefined;
      }
      try {
        const sandbox = await makeSandbox(pod, record);
        return createPodWorker(context, entry()?.latest ?? pod, sandbox, record);
      } catch (error) {
        context.events.record(pod, { type: "Warning", reason: "FailedCreatePodSandBox", message: String(error) });
        await sleep(retryMs, undefined, { ref: false });
      }
    }
  };

  /** Ends what earlier lives of a pod left behind, all but the processes that its record names. */
  const endSurvivors = (uid: string, record?: PodRecord): void => {
    const kept = Object.values(record?.containers ?? {}).map(({ running }) => `${running?.pid} ${running?.startTime}`);
    for (const { pid, startTime } of survivors.get(uid) ?? []) {
      if (!kept.includes(`${pid} ${startTime}`) && isAlive(pid, startTime)) {
        log.info("ending a process that no pod has any more", { uid, pid });
        killSession(pid);
      }
    }
    survivors.delete(uid);
  };

  const release = (uid: string): void => {
    entries.delete(uid);
    addresses.delete(uid);
    for (const port of portsOf.get(uid) ?? []) {
      reservedPorts.delete(port);
    }
    portsOf.delete(uid);
    records.remove(uid);
  };

  /** Stops a pod and forgets it; with `tell`, takes its object out of the API last. */
  const end = (uid: string, entry: Entry, tell: boolean): void => {
    entry.ending ??= (async () => {
      const worker = await entry.starting;
      await worker?.stop({ graceMs: Number.POSITIVE_INFINITY, leave: false });
      endSurvivors(uid);
      left.delete(uid);
      while (tell && !closing) {
        const done = await removed(entry.latest).then(
          () => true,
          (error: unknown) => isKubeError(error, "notFound", "conflict"),
        );
        if (done) {
          break;
        }
        await sleep(retryMs, undefined, { ref: false });
      }
      release(uid);
    })().catch((error: unknown) => log.error("pod not removed", { uid, error: String(error) }));
  };

  return {
    set(pod) {
      const uid = pod.metadata?.uid ?? "";
      let entry = entries.get(uid);
      if (entry === undefined) {
        const record = left.get(uid);
        // A pod that is done is never run again; with its record its logs can still be read.
        const isOver = pod.status?.phase === "Succeeded" || pod.status?.phase === "Failed";
        if (closing || (isOver && record === undefined && pod.metadata?.deletionTimestamp === undefined)) {
          return;
        }
        entry = { starting: Promise.resolve(undefined), worker: undefined, latest: pod, ending: undefined };
        entries.set(uid, entry);
        const made = entry;
        if (pod.metadata?.deletionTimestamp === undefined) {
          left.delete(uid);
          endSurvivors(uid, record);
          entry.starting = start(uid, record).then((worker) => {
            made.worker = worker;
            worker?.update(made.latest);
            return worker;
          });
        }
      }
      entry.latest = pod;
      entry.worker?.update(pod);
      if (pod.metadata?.deletionTimestamp !== undefined) {
        end(uid, entry, true);
      }
    },
    gone(uid) {
      const entry = entries.get(uid);
      if (entry !== undefined) {
        end(uid, entry, false);
      }
    },
    forgetOthers() {
      for (const uid of [...left.keys(), ...loaded.broken, ...survivors.keys()]) {
        if (!entries.has(uid)) {
          endSurvivors(uid);
          release(uid);
        }
      }
      left.clear();
    },
    namespaceChanged(namespace) {
      for (const { worker, latest } of entries.values()) {
        if (latest.metadata?.namespace === namespace) {
          worker?.update(latest);
        }
      }
    },
    async started() {
      await Promise.all([...entries.values()].map(({ starting }) => starting));
    },
    worker: (uid) => entries.get(uid)?.worker,
    find(namespace, name) {
      for (const { latest, worker } of entries.values()) {
        if (latest.metadata?.namespace === namespace && latest.metadata.name === name && worker !== undefined) {
          return worker;
        }
      }
      return undefined;
    },
    async close(graceMs) {
      closing = true;
      // The API may never have said which pods there are: what earlier lives started ends too.
      const unclaimed = [...survivors.values()].flat().map(({ pid, startTime }) => adoptSession(pid, startTime));
      await Promise.all([
        ...[...entries.values()].map(async (entry) => (await entry.starting)?.stop({ graceMs, leave: true })),
        ...unclaimed.map((session) => session?.stop(graceMs)),
      ]);
    },
  };
}
