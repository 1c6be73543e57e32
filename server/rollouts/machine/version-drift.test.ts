import { describe, expect, test } from "vitest";
import type { VersionTemplate } from "../ports.ts";
import { TestRelease, testSpec } from "./machine.suite.ts";
import { holdOf } from "./state.ts";

const template = (hash: string, image: string, manager = "kubectl-edit"): VersionTemplate => ({
  hash,
  images: [image],
  resource: { apiVersion: "apps/v1", kind: "Deployment", namespace: "purchase-history", name: "purchase-history-v2" },
  manager,
});
const first = template("a", "shop:2");
const other = template("b", "shop:3");

/** It soaks in its first step, and has judged an interval of what runs. */
const judgedOnce = (): TestRelease => {
  const release = new TestRelease(testSpec());
  while (release.machine.phase !== "soaking") {
    release.see({ template: first });
  }
  release.judge("pass", { template: first });
  expect(release.machine.soak.passes).toBe(1);
  return release;
};

describe("another program under the name of the canary", () => {
  test("holds it, says what runs and what ran, and is not judged", () => {
    const release = judgedOnce();
    release.see({ template: other });
    expect(holdOf(release.machine)).toBe("drift");
    expect(release.texts.at(-1)).toContain("kubectl-edit: shop:3 runs, it was shop:2");
    release.judge("pass", { template: other });
    expect([release.machine.step, release.machine.soak.passes]).toEqual([0, 1]);
  });

  test("is told by its Deployment where the images are the same", () => {
    const release = judgedOnce();
    release.see({ template: template("b", "shop:2", "") });
    expect(release.texts.at(-1)).toContain("(the pod template of Deployment purchase-history-v2 was changed)");
  });

  test("is judged anew once a person says so: what passed before does not count", () => {
    const release = judgedOnce();
    release.see({ template: other });
    expect(release.order("promote")).toContain("Somebody else changed what runs as v2");
    expect(release.order("resume")).toBe("");
    // The route is as it should be: nothing is written over.
    expect([release.machine.soak.passes, release.machine.mover.overwrite]).toEqual([0, false]);
    release.see({ template: other });
    release.judge("pass", { template: other });
    expect([holdOf(release.machine), release.machine.step]).toEqual([null, 0]);
    release.judge("pass", { template: other });
    expect(release.machine.step).toBe(1);
    release.see({ template: first });
    release.see({ template: first });
    expect(holdOf(release.machine)).toBe("drift");
  });

  test("may be judged from an earlier step on", () => {
    const release = judgedOnce();
    release.order("promote");
    while (release.machine.phase !== "soaking") {
      release.see({ template: first });
    }
    release.see({ template: other });
    expect(release.order("restart", { step: 0 })).toBe("");
    release.see({ template: other });
    release.see({ template: other });
    expect([holdOf(release.machine), release.machine.step]).toEqual([null, 0]);
  });

  test("goes unseen where no Deployment runs it, and a row that knows none begins with what runs", () => {
    const release = judgedOnce();
    release.see({ template: null });
    expect(holdOf(release.machine)).toBeNull();
    release.release = { ...release.release, machine: { ...release.machine, template: null } };
    release.see({ template: other });
    expect([holdOf(release.machine), release.machine.template?.hash]).toEqual([null, "b"]);
  });
});
