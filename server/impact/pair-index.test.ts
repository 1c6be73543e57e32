import * as fc from "fast-check";
import { expect, test } from "vitest";
import { PairIndex } from "./pair-index.ts";

test("numbers pairs as a map would, in the order in which they come", async () => {
  const number = fc.oneof(fc.nat(5), fc.constantFrom(0xffff_ffff, 0xffff_fffe, 0x8000_0000));
  await fc.assert(
    fc.property(fc.array(fc.tuple(number, number), { maxLength: 300 }), (pairs) => {
      const index = new PairIndex(1);
      const map = new Map<string, number>();
      for (const [first, second] of pairs) {
        const key = `${first} ${second}`;
        map.set(key, map.get(key) ?? map.size);
        expect(index.add(first, second)).toBe(map.get(key));
      }
      expect(index.size).toBe(map.size);
    }),
  );
});
