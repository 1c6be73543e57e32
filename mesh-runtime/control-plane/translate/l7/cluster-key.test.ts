import fc from "fast-check";
import { expect, it } from "vitest";
import { clusterKey, clusterRef } from "./cluster-key.ts";

const name = fc.stringMatching(/^[a-z0-9.-]{1,20}$/);

it("a key leads back to what it names", () => {
  fc.assert(
    fc.property(
      name,
      name,
      fc.integer({ min: 1, max: 65_535 }),
      fc.option(name, { nil: "" }),
      (ns, host, port, subset) => {
        const ref = { service: `${ns}/${host}`, port, subset };
        expect(clusterRef(clusterKey(ref))).toEqual(ref);
      },
    ),
  );
});

it.each(["", "a", "a|b|c", "a|80", "|80|", "a|0|", "a|80||"])("%j is no key", (key) => {
  expect(clusterRef(key)).toBeUndefined();
});
