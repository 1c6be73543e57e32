import { expect, it } from "vitest";
import { rolloutKind, rolloutSpec } from "@/server/contracts/rollout-spec.ts";
import { releaseOf } from "../form/release-draft.ts";
import { releaseSentence } from "./release-sentence.ts";

const named = { service: { namespace: "web-api", name: "web-api" }, stable: "v1", canary: "v2" };
const said = (more: object): string =>
  releaseSentence(rolloutSpec.parse(releaseOf({ ...named, ...more }))).replaceAll("\u00a0", " ");
const start = { image: "web-api:2", command: [], replicas: 1 };
const gateway = { namespace: "istio-ingress", name: "shop" };

it.each<[string, object, string]>([
  [
    "progressive",
    { kind: "progressive" },
    "Releases v2 of web-api in 5 steps, 5 % first, judged every 30 s, back by itself if it fails.",
  ],
  [
    "weighted",
    { kind: "weighted" },
    "Releases v2 of web-api in 3 steps, 10 % first, judged every 30 s, back by itself if it fails, a person decides at 50 %.",
  ],
  [
    "header canary",
    { kind: "header-canary" },
    "Releases v2 of web-api in 2 steps, only calls with the header x-canary first, judged every 30 s, back by itself if it fails, a person decides before it gets more.",
  ],
  [
    "mirror first",
    { kind: "mirror-first" },
    "Releases v2 of web-api in 4 steps, copies of 100 % first while v1 answers, judged every 30 s, back by itself if it fails.",
  ],
  [
    "a preview host",
    { kind: "blue-green", match: [], preview: { gateway, host: "v2.example.com" } },
    "Releases v2 of web-api in 2 steps, only calls to v2.example.com first, judged every 30 s, back by itself if it fails, a person decides before it gets more.",
  ],
  [
    "one caller",
    { kind: "ab-test", match: [{ by: "caller", namespace: "default", serviceAccount: "sleep" }] },
    "Releases v2 of web-api in 2 steps, only calls of sleep first, judged every 30 s, back by itself if it fails, a person decides before it gets more.",
  ],
  [
    "a new version",
    { start },
    "Starts v2 of web-api and releases it in 5 steps, 5 % first, judged every 30 s, back by itself if it fails.",
  ],
  [
    "all at once, unseen",
    { steps: [{ weight: 100, analysis: false }] },
    "Releases v2 of web-api in 1 step, all calls at once, not judged by figures.",
  ],
  [
    "one that stays a split",
    { steps: [{ weight: 20 }] },
    "Releases v2 of web-api in 1 step, 20 % first, judged every 30 s, back by itself if it fails, a person decides at 20 %.",
  ],
])("%s: what it will do is said", (_, more, words) => expect(said(more)).toBe(words));

it.each(rolloutKind.options)("%s names version, service and steps", (kind) => {
  expect(said({ kind })).toMatch(/^Releases v2 of web-api in \d steps?, .*\.$/);
});
