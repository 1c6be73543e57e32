import { existsSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { builtInImages, containerArgv } from "./images.ts";

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const images = builtInImages({ node: "/node", root });

test("every built-in image names a program that exists", () => {
  for (const [name, { entrypoint }] of images) {
    // The proxy comes with the gateway.
    if (name !== "towpath/proxy") {
      expect(existsSync(entrypoint[1] ?? ""), name).toBe(true);
    }
  }
});

test.each<[string, Parameters<typeof containerArgv>[1], string[]]>([
  ["command and args replace the image's", { image: "towpath/sleep", command: ["a"], args: ["b"] }, ["a", "b"]],
  ["a command alone drops the image's args", { image: "towpath/purchase-history:v2", command: ["a"] }, ["a"]],
  ["any image with a command runs it", { image: "curlimages/curl", command: ["curl", "-s"] }, ["curl", "-s"]],
])("%s", (_, container, argv) => {
  expect(containerArgv(images, container)).toEqual(argv);
});

test("args replace the image's arguments and keep its program", () => {
  const argv = containerArgv(images, { image: "towpath/purchase-history:v2", args: ["--version", "v3"] });
  expect(argv.slice(2)).toEqual(["--version", "v3"]);
  expect(argv[0]).toBe("/node");
});

test("an unknown image without a command is ErrImagePull, with the way out", () => {
  expect(() => containerArgv(images, { image: "nginx" })).toThrow(
    expect.objectContaining({
      code: "ErrImagePull",
      userMessage: expect.stringContaining("Give the container a command"),
    }),
  );
});
