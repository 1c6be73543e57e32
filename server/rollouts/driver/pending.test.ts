import { expect, test } from "vitest";
import { Pending } from "./pending.ts";

test("work is begun once, its answer is told once, and other work does not wait for it", async () => {
  const pending = new Pending<string>(1);
  const first = Promise.withResolvers<string>();
  let begun = 0;
  const work = (): Promise<string> => {
    begun++;
    return first.promise;
  };
  expect(await pending.ask("r", "step 1", work)).toBeNull();
  expect(await pending.ask("r", "step 1", work)).toBeNull();
  expect(begun).toBe(1);
  expect(await pending.ask("r", "back", async () => "at once")).toBe("at once");
  first.resolve("late");
  await first.promise;
  expect(await pending.ask("r", "step 1", async () => "anew")).toBe("anew");
});

test("work that fails is told to whoever waits, and begun again by the next", async () => {
  const pending = new Pending<string>(1_000);
  await expect(pending.ask("r", "a", () => Promise.reject(new Error("no")))).rejects.toThrow("no");
  expect(await pending.ask("r", "a", async () => "yes")).toBe("yes");
});
