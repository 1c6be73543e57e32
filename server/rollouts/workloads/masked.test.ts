import { expect, test } from "vitest";
import { masked } from "./masked.ts";

const container = (more: object): object => ({ spec: { containers: [{ name: "app", ...more }] } });

test.each([
  ["an option with its value", container({ args: ["--db-password=hunter2", "--level=debug"] })],
  ["an option and the word after it", container({ command: ["run", "--api-key", "hunter2", "--level", "debug"] })],
  ["an assignment in a shell's line", container({ command: ["sh", "-c", "PGPASSWORD='hunter2' run --level debug"] })],
  ["credentials in an address", container({ env: [{ name: "URL", value: "redis://:hunter2@cache/debug" }] })],
  [
    "a parameter of an address",
    container({ env: [{ name: "URL", value: "jdbc:pg://h/debug?user=a&password=hunter2" }] }),
  ],
  [
    "a key by its name",
    container({
      env: [
        { name: "STRIPE_SIGNING_KEY", value: "hunter2" },
        { name: "L", value: "debug" },
      ],
    }),
  ],
  [
    "a password by its short name",
    container({
      env: [
        { name: "MYSQL_PWD", value: "hunter2" },
        { name: "L", value: "debug" },
      ],
    }),
  ],
  ["a header of a probe", container({ httpHeaders: [{ name: "Authorization", value: "hunter2" }], level: "debug" })],
  ["an annotation", { metadata: { annotations: { "example.com/auth-token": "hunter2", level: "debug" } } }],
])("%s is not shown, what is beside it is", (_what, object) => {
  const shown = JSON.stringify(masked(object));
  expect(shown).not.toContain("hunter2");
  expect(shown).toContain("(hidden)");
  expect(shown).toContain("debug");
});

test("names of secrets, and what is none, stay as they are", () => {
  const object = {
    ...container({
      image: "shop/auth:v2",
      args: ["--version", "v2", "--auth"],
      env: [{ name: "DB_PASSWORD", valueFrom: { secretKeyRef: { name: "db", key: "password" } } }],
    }),
    serviceAccountName: "auth",
  };
  expect(masked(object)).toEqual(object);
});
