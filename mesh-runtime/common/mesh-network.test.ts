import { expect, test } from "vitest";
import { meshNetwork } from "./mesh-network.ts";

test.each([
  ["127.24.1.10", "127.24.0.1", true],
  ["127.24.1.10", "127.24.3.250", true],
  ["127.24.1.10", "::ffff:127.24.3.250", true],
  ["127.24.1.10", "127.25.1.10", false],
  ["127.24.1.10", "127.0.0.1", false],
  ["127.24.1.10", "10.24.1.10", false],
  ["127.24.1.10", "::1", false],
  ["127.24.1.10", "localhost", false],
  ["127.0.0.1", "127.0.0.1", false],
  ["10.0.0.1", "10.0.0.2", false],
  ["", "127.0.0.1", false],
])("to %s, %s is of its own mesh: %s", (own, address, expected) => {
  expect(meshNetwork(own)(address)).toBe(expected);
});
