import { describe, expect, test } from "vitest";
import type { Deployment } from "../api/deployment.ts";
import { deadlineInMs, deploymentStatus, type RolloutCounts } from "./deployment-status.ts";
import { templateHash } from "./template-hash.ts";

const now = new Date("2026-05-01T10:00:00Z");
const template = { metadata: { labels: { app: "a" } }, spec: { containers: [{ name: "a", image: "x" }] } };
const deployment = (status?: Deployment["status"]): Deployment => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "a", namespace: "n", generation: 2 },
  spec: { replicas: 2, selector: { matchLabels: { app: "a" } }, template, progressDeadlineSeconds: 60 },
  ...(status && { status }),
});
const counts = (over: Partial<RolloutCounts>): RolloutCounts => ({
  replicas: 2,
  updated: 2,
  ready: 2,
  available: 2,
  terminating: 0,
  ...over,
});
const of = (over: Partial<RolloutCounts>, before?: Deployment["status"], at = now) =>
  deploymentStatus({ deployment: deployment(before), counts: counts(over), maxUnavailable: 0, hash: "h", now: at });

describe("deploymentStatus", () => {
  test("says what kubectl rollout status waits for", () => {
    expect(of({})).toMatchObject({
      observedGeneration: 2,
      replicas: 2,
      updatedReplicas: 2,
      availableReplicas: 2,
      unavailableReplicas: 0,
      conditions: [
        { type: "Available", status: "True", reason: "MinimumReplicasAvailable" },
        { type: "Progressing", status: "True", reason: "NewReplicaSetAvailable" },
      ],
    });
  });

  test("is not available and in progress while a pod is missing", () => {
    expect(of({ available: 1, ready: 1 })).toMatchObject({
      unavailableReplicas: 1,
      conditions: [
        { status: "False", reason: "MinimumReplicasUnavailable" },
        { status: "True", reason: "ReplicaSetUpdated" },
      ],
    });
  });

  test("gives up after the deadline without progress, and not before", () => {
    const stuck = of({ available: 1, ready: 1 });
    const later = (seconds: number) => of({ available: 1, ready: 1 }, stuck, new Date(now.getTime() + seconds * 1000));
    expect(later(59).conditions?.[1]).toMatchObject({ status: "True", reason: "ReplicaSetUpdated" });
    expect(later(61).conditions?.[1]).toMatchObject({ status: "False", reason: "ProgressDeadlineExceeded" });
    expect(deadlineInMs(deployment(stuck), now)).toBe(61_000);
  });

  test("keeps transition times while nothing changes", () => {
    const first = of({});
    expect(of({}, first, new Date("2026-05-01T11:00:00Z"))).toEqual(first);
  });
});

describe("templateHash", () => {
  test("does not depend on the order of fields nor on absent ones", () => {
    const other = {
      spec: { containers: [{ image: "x", name: "a", command: undefined }] },
      metadata: { labels: { app: "a" } },
    };
    expect(templateHash(other)).toBe(templateHash(template));
  });
  test("changes with any value, such as the annotation of a rollout restart", () => {
    const restarted = {
      ...template,
      metadata: { ...template.metadata, annotations: { "kubectl.kubernetes.io/restartedAt": "now" } },
    };
    expect(templateHash(restarted)).not.toBe(templateHash(template));
  });
});
