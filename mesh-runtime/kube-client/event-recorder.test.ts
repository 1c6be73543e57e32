import { expect, test } from "vitest";
import type { Event } from "../api/event.ts";
import type { KubeClient } from "./client.ts";
import { KubeError } from "./error.ts";
import { createEventRecorder } from "./event-recorder.ts";

const pod = { apiVersion: "v1", kind: "Pod", metadata: { name: "p", namespace: "ns", uid: "u1" } };
const backOff = { type: "Warning", reason: "BackOff", message: "again", fieldPath: "spec.containers{app}" } as const;

/** An API that keeps Events, and fails as told. */
function events() {
  const kept = new Map<string, Event>();
  let failing = false;
  const client: Pick<KubeClient, "create" | "patch"> = {
    async create(_kind, object) {
      const name = object.metadata?.name ?? "";
      if (failing) {
        throw new KubeError("unreachable", "no connection");
      }
      if (kept.has(name)) {
        throw new KubeError("alreadyExists", name);
      }
      kept.set(name, object as unknown as Event);
      return object;
    },
    async patch(_kind, { name = "" }, patch) {
      const event = kept.get(name);
      if (event === undefined) {
        throw new KubeError("notFound", name);
      }
      kept.set(name, { ...event, ...(patch.body as Partial<Event>) });
      return event as never;
    },
  };
  return { client, kept, fail: (now: boolean) => (failing = now), list: () => [...kept.values()] };
}
const counts = (api: ReturnType<typeof events>) => api.list().map(({ reason, count }) => `${reason} ${count}`);

test("names what it is about and who says so", async () => {
  const api = events();
  createEventRecorder(api.client, { component: "kubelet", host: "node-a" }).record(pod, backOff);
  await expect.poll(api.list).toMatchObject([
    {
      metadata: { namespace: "ns" },
      involvedObject: { kind: "Pod", name: "p", namespace: "ns", uid: "u1", fieldPath: "spec.containers{app}" },
      type: "Warning",
      reason: "BackOff",
      source: { component: "kubelet", host: "node-a" },
      count: 1,
    },
  ]);
});

test("counts repetitions of the same and keeps different things apart", async () => {
  const api = events();
  const recorder = createEventRecorder(api.client, { component: "kubelet" });
  recorder.record(pod, backOff);
  recorder.record(pod, backOff);
  recorder.record(pod, { ...backOff, reason: "Started" });
  recorder.record({ ...pod, metadata: { ...pod.metadata, uid: "u2" } }, backOff);
  await expect.poll(() => counts(api)).toEqual(["BackOff 2", "Started 1", "BackOff 1"]);
});

test("takes up an Event of an earlier life, and makes one again that has expired", async () => {
  const api = events();
  createEventRecorder(api.client, { component: "kubelet" }).record(pod, backOff);
  await expect.poll(() => counts(api)).toEqual(["BackOff 1"]);
  const next = createEventRecorder(api.client, { component: "kubelet" });
  next.record(pod, backOff);
  next.record(pod, backOff);
  await expect.poll(() => counts(api)).toEqual(["BackOff 2"]);
  api.kept.clear();
  next.record(pod, backOff);
  await expect.poll(() => counts(api)).toEqual(["BackOff 3"]);
});

test("an Event that cannot be written is dropped, and the next one is not", async () => {
  const api = events();
  const recorder = createEventRecorder(api.client, { component: "kubelet" });
  api.fail(true);
  recorder.record(pod, backOff);
  await new Promise(setImmediate);
  api.fail(false);
  recorder.record(pod, { ...backOff, reason: "Started" });
  await expect.poll(() => counts(api)).toEqual(["Started 1"]);
});
