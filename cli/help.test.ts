import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { rolloutAction } from "@/server/contracts/rollouts.ts";
import { commands } from "./commands.mjs";
import { ending } from "./ending.mjs";
import { commandHelp, generalHelp } from "./help.mjs";

const testdata = new URL("testdata/", import.meta.url);
const pages = {
  towpath: generalHelp(),
  ...Object.fromEntries([...commands].map((one) => [one[0], commandHelp(...one)])),
};

test.each(Object.entries(pages))("the help of %s is as it was read last", (name, text) => {
  const file = fileURLToPath(new URL(`${name.replace(" ", "-")}.help.txt`, testdata));
  if (process.env["UPDATE_GOLDEN"] === "1" || !existsSync(file)) {
    expect(process.env["UPDATE_GOLDEN"], `${file} is missing: run with UPDATE_GOLDEN=1`).toBe("1");
    writeFileSync(file, text);
  }
  expect(text).toBe(readFileSync(file, "utf8"));
});

test("there is help for no command that is gone", () => {
  const files = readdirSync(testdata).filter((name) => name.endsWith(".help.txt"));
  expect(files.sort()).toEqual(
    Object.keys(pages)
      .map((name) => `${name.replace(" ", "-")}.help.txt`)
      .sort(),
  );
});

test("help fits a terminal of 120 columns and names every exit code", () => {
  for (const [name, text] of Object.entries(pages)) {
    expect(
      text.split("\n").filter((line) => line.length > 120),
      name,
    ).toEqual([]);
    const named = [...text.matchAll(/^ {2}(\d+) {3}/gm)].map(([, code]) => Number(code));
    expect(named).toEqual(Object.values(ending).filter((code) => code !== ending.fault));
  }
});

test("every action of the API has its command", () => {
  const missing = rolloutAction.options.filter((action) => !commands.has(`rollouts ${action.replace("-fully", "")}`));
  expect(missing).toEqual([]);
});
