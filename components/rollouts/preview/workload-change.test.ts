import { expect, it } from "vitest";
import { resourceChange } from "@/server/contracts/golden-paths.ts";
import { workloadChange } from "./workload-change.ts";

const yaml = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: web-api-v2
  namespace: web-api
spec:
  template:
    metadata:
      name: other
`;

it("a Deployment is shown as what is written besides, by its own name", () => {
  const change = resourceChange.parse(workloadChange(yaml));
  expect(change.resource).toMatchObject({ kind: "Deployment", namespace: "web-api", name: "web-api-v2" });
  expect(change.diff.map(({ text }) => text).join("\n")).toBe(yaml.trimEnd());
  expect(change.diff.every(({ sign }) => sign === "+")).toBe(true);
});
