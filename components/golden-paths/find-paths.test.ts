import { expect, it } from "vitest";
import type { GoldenPathList } from "@/server/contracts/golden-paths.ts";
import { findPaths } from "./find-paths.ts";

const entry = { applicable: true, restricted: "", inUse: "" } as const;
const paths: GoldenPathList["paths"] = [
  {
    ...entry,
    slug: "retries",
    group: "resilience",
    title: "Repeat calls that fail",
    summary: "Try again",
    keywords: ["VirtualService"],
  },
  {
    ...entry,
    slug: "rate-limit",
    group: "resilience",
    title: "Limit how often",
    summary: "So many per second",
    keywords: ["429"],
  },
];

it.each([
  ["", ["retries", "rate-limit"]],
  ["again", ["retries"]],
  ["virtualservice", ["retries"]],
  ["calls REPEAT", ["retries"]],
  ["429 often", ["rate-limit"]],
  ["again 429", []],
])("“%s” finds %o", (find, slugs) => {
  expect(findPaths(paths, find).map(({ slug }) => slug)).toEqual(slugs);
});
