import { expect, test } from "vitest";
import { rolloutSpec } from "@/server/contracts/rollout-spec.ts";
import { specFromFlags } from "./spec.mjs";

const basic = { service: "shop/cart", canary: "v2", steps: "1,10,50,100" };
const stableOf = async (): Promise<string> => "v1";

test("flags make a release that the portal takes", async () => {
  const spec = rolloutSpec.parse(await specFromFlags(basic, stableOf));
  expect(spec).toMatchObject({
    service: { namespace: "shop", name: "cart" },
    kind: "weighted",
    stable: "v1",
    canary: "v2",
  });
  expect(spec.steps.map(({ weight }) => weight)).toEqual([1, 10, 50, 100]);
});

test("every flag arrives where it belongs", async () => {
  const flags = {
    ...{ ...basic, stable: "v0", kind: "progressive", hold: "1m", gates: "10%, 50", header: "x-canary=a=b" },
    ...{ image: "shop/cart:2", replicas: "3", "no-analysis": true },
  };
  const spec = rolloutSpec.parse(await specFromFlags(flags, stableOf));
  expect(spec.stable).toBe("v0");
  expect(spec.kind).toBe("progressive");
  expect(spec.start).toEqual({ image: "shop/cart:2", command: [], replicas: 3 });
  expect(spec.match).toEqual([{ by: "header", name: "x-canary", value: "a=b" }]);
  expect(spec.steps.map(({ weight, hold, analysis, gate }) => [weight, hold, analysis, gate])).toEqual([
    [1, "1m", false, false],
    [10, "1m", false, true],
    [50, "1m", false, true],
    [100, "1m", false, false],
  ]);
});

test.each([
  [{}, "Say what to release"],
  [{ ...basic, service: "cart" }, "namespace/name"],
  [{ ...basic, steps: "1,ten" }, '--steps wants numbers, not "ten"'],
  [{ ...basic, steps: "" }, "--steps wants numbers"],
  [{ ...basic, gates: "25" }, "--gates names 25, which is no step"],
  [{ ...basic, header: "x-canary" }, "--header wants a name and a value"],
  [{ ...basic, replicas: "-1" }, "--replicas wants numbers"],
])("%j is refused before anything is sent", async (flags, text) => {
  await expect(specFromFlags(flags, stableOf)).rejects.toMatchObject({
    code: 2,
    message: expect.stringContaining(text),
  });
});
