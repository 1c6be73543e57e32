import fc from "fast-check";
import { expect, test } from "vitest";
import { FairQuota } from "./fair-quota.ts";

const takeAll = (quota: FairQuota, holder: string): number => {
  let taken = 0;
  while (quota.take(holder)) {
    taken++;
  }
  return taken;
};

test.each([
  [1, 50],
  [2, 67],
])("with appetite %d one holder alone gets %d of 100 places", (appetite, places) => {
  expect(takeAll(new FairQuota({ total: 100, appetite }), "flood")).toBe(places);
});

test("a flood leaves places for everybody who comes later", () => {
  const quota = new FairQuota({ total: 1_024 });
  takeAll(quota, "flood");
  for (const tenant of ["a", "b", "c"]) {
    expect(takeAll(quota, tenant)).toBeGreaterThanOrEqual(64);
  }
});

test("whatever is taken and given back, the total holds, and a newcomer finds a place while a third is free", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.integer({ min: 0, max: 5 }), fc.boolean()), { maxLength: 400 }), (steps) => {
      const quota = new FairQuota({ total: 30 });
      const held = new Map<number, number>();
      for (const [holder, take] of steps) {
        const has = held.get(holder) ?? 0;
        if (take) {
          const free = 30 - quota.used;
          const taken = quota.take(String(holder));
          expect(taken || has > 0 || free <= 0).toBe(true);
          held.set(holder, has + (taken ? 1 : 0));
        } else if (has > 0) {
          quota.release(String(holder));
          held.set(holder, has - 1);
        }
      }
      const sum = [...held.values()].reduce((a, b) => a + b, 0);
      expect(quota.used).toBe(sum);
      expect(sum).toBeLessThanOrEqual(30);
    }),
  );
});

test("giving back what was never taken changes nothing", () => {
  const quota = new FairQuota({ total: 4 });
  quota.release("nobody");
  expect(quota.used).toBe(0);
});
