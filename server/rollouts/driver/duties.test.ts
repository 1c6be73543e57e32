import { describe, expect, test } from "vitest";
import { TestRelease, testSpec } from "../machine/machine.suite.ts";
import type { DriverDeps } from "./deps.ts";
import { perform } from "./duties.ts";

/** Starts the pods of a release, in a namespace that is frozen or not. */
async function started(frozen: string): Promise<{ workload: unknown; versions: string[] }> {
  const versions: string[] = [];
  const ports = {
    traffic: { frozen: async () => frozen },
    workloads: { start: async (_owner: unknown, _stable: string, canary: string) => void versions.push(canary) },
  };
  const { release } = new TestRelease(testSpec({ start: { image: "shop:2" } }));
  const deps = { ports, now: () => 0 } as unknown as DriverDeps;
  const { workload } = await perform("r", release, { do: "start" }, deps);
  return { workload, versions };
}

describe("pods of a release", () => {
  test("are started once nothing is frozen", async () => {
    expect(await started("")).toEqual({ workload: { state: "done", words: "" }, versions: ["v2"] });
  });

  test("are not started in a freeze that began since the last look, and are tried again after it", async () => {
    const words = "Nothing is changed in purchase-history until Monday.";
    expect(await started(words)).toEqual({ workload: { state: "failed", words }, versions: [] });
  });
});
