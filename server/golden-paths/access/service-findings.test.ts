import { expect, test } from "vitest";
import type { Inventory } from "@/server/inventory/model.ts";
import { codesOf, filled } from "./filled-in.suite.ts";
import { httpbin, sleep } from "./sample-intents.suite.ts";

/** Its pods open this port only. */
const listeningOn =
  (port: number) =>
  (inventory: Inventory): Inventory => ({
    ...inventory,
    services: inventory.services.map((service) =>
      service.name === "httpbin"
        ? { ...service, pods: service.pods.map((pod) => ({ ...pod, ports: [{ name: "http", port }] })) }
        : service,
    ),
  });
const letIn = (port: number) =>
  filled("let-a-caller-in", { service: httpbin, callers: [sleep], ports: [8000] }, { change: listeningOn(port) });

test("a port of the service where no pod listens is told, with both numbers", () => {
  expect(codesOf(letIn(80))).toEqual(["warning port-not-open ports.0"]);
  expect(letIn(80).findings[0]?.message).toBe("No pod of httpbin opens port 8000, where port 8000 leads.");
  expect(codesOf(letIn(8000))).toEqual([]);
});
