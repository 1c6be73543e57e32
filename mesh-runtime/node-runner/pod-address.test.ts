import { expect, test } from "vitest";
import { pickPodAddress, podAddresses } from "./pod-address.ts";

const cidr = "127.9.2.0/24";

test("pods have host octets 10 to 250", () => {
  const all = podAddresses(cidr);
  expect([all[0], all.at(-1), all.length]).toEqual(["127.9.2.10", "127.9.2.250", 241]);
});

test("goes round the range and leaves out what is taken", () => {
  expect(pickPodAddress(cidr, new Set())).toBe("127.9.2.10");
  expect(pickPodAddress(cidr, new Set(["127.9.2.11"]), "127.9.2.10")).toBe("127.9.2.12");
  expect(pickPodAddress(cidr, new Set(), "127.9.2.250")).toBe("127.9.2.10");
  expect(pickPodAddress(cidr, new Set(podAddresses(cidr)))).toBeUndefined();
});
