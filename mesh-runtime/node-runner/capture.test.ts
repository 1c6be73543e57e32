import { expect, test } from "vitest";
import { wishesCapture } from "./capture.ts";

const ambient = { "istio.io/dataplane-mode": "ambient" };
const none = { "istio.io/dataplane-mode": "none" };
const direct = { "towpath.dev/network": "direct" };

test.each<[string, Record<string, string> | undefined, Record<string, string>, Record<string, string>, boolean]>([
  ["an enrolled namespace captures its pods", ambient, {}, {}, true],
  ["no label, no capture", {}, {}, {}, false],
  ["an unknown namespace captures nothing", undefined, {}, {}, false],
  ["a pod may stay out", ambient, none, {}, false],
  ["a pod may join alone", {}, ambient, {}, true],
  ["a namespace may say none", none, {}, {}, false],
  ["a proxy is never captured", ambient, ambient, direct, false],
])("%s", (_, namespaceLabels, labels, annotations, expected) => {
  const pod = { metadata: { labels, annotations }, spec: { containers: [] } };
  expect(wishesCapture({ apiVersion: "v1", kind: "Pod", ...pod }, namespaceLabels)).toBe(expected);
});
