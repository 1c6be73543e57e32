import { existsSync, readFileSync, writeFileSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import type { Inventory } from "@/server/inventory/model.ts";
import { asks, grant, headersOnly, knows, lock, signIn, waypoint } from "./access/sample-intents.suite.ts";
import { type Intent, intentSet } from "./intent.ts";
import { render } from "./render.ts";
import { toYaml } from "./resource.ts";
import { historyInventory, intentFor } from "./service-routes/sample-service.suite.ts";

const service = { namespace: "purchase-history", name: "purchase-history" };
const callers = [
  grant({ service, ports: [8080], requests: [headersOnly] }),
  grant({
    service,
    ports: [8080],
    caller: { kind: "identity", namespace: "recommendation", serviceAccount: "recommendation" },
  }),
];
const release = intentFor("release-a-version", {
  stable: "v1",
  canary: "v2",
  weight: 10,
  match: [{ by: "header", name: "x-canary", value: "true" }],
});
const exposed: Intent = {
  slug: "expose-to-the-outside",
  service,
  port: 8080,
  host: "history.example.com",
  path: "/",
  gateway: { namespace: "istio-ingress", name: "ingress" },
  certificate: null,
  redirectToHttps: false,
};
const fault = intentFor("test-with-faults", { abort: { percent: 50, status: 503 } });
const retries = intentFor("retries", { attempts: 3 });

const cases: Record<string, readonly Intent[]> = {
  "callers are let in and calls are repeated": [...callers, retries],
  "users sign in while faults are made": [signIn({ service }), retries, fault],
  "a release is open to the outside": [exposed, release],
  "a release in the open asks who calls, and its callers are let in": [
    ...[exposed, release, ...callers, signIn({ service }), asks({ service }), knows],
    lock("purchase-history"),
  ],
};

/** Everything that is rendered, whoever asked for it: the other goldens show one path's part. */
test.each(Object.entries(cases))("%s", (sentence, intents) => {
  const file = fileURLToPath(
    new URL(`testdata/composed/${sentence.replaceAll(/[ ,]+/g, "-")}.out.yaml`, import.meta.url),
  );
  const inventory: Inventory = historyInventory();
  const text = [...render(intentSet([waypoint("purchase-history"), ...intents]), inventory).values()]
    .map(toYaml)
    .join("---\n");
  const golden = `# ${sentence}\n${text}`;
  if (process.env["UPDATE_GOLDEN"] === "1" || !existsSync(file)) {
    expect(process.env["UPDATE_GOLDEN"], `${file} is missing: run with UPDATE_GOLDEN=1`).toBe("1");
    writeFileSync(file, golden);
  }
  expect(golden).toBe(readFileSync(file, "utf8"));
});
