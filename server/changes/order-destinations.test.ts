import { expect, test } from "vitest";
import { generateDestinations } from "@/server/golden-paths/allow-a-destination/generate.ts";
import { type Intent, intentSet } from "@/server/golden-paths/intent.ts";
import { refOf } from "@/server/golden-paths/resource.ts";
import { surroundingsOf } from "@/server/golden-paths/surroundings.ts";
import { sampleInventory } from "@/server/inventory/sample.suite.ts";
import { orderSteps } from "./order.ts";

const inventory = sampleInventory();
const destination: Intent = {
  slug: "allow-a-destination",
  namespace: "web-api",
  host: "api.example.com",
  ports: [{ port: 443, protocol: "TLS" }],
  addresses: [],
  callers: [{ kind: "identity", namespace: "default", serviceAccount: "sleep" }],
};
const rendered = generateDestinations(surroundingsOf(intentSet([destination]), inventory));
const kinds = (steps: Parameters<typeof orderSteps>[0]) => orderSteps(steps, inventory).map(({ ref }) => ref.kind);

test("a destination outside is never there without the rule of who may call it", () => {
  const coming = rendered.map((after) => ({ ref: refOf(after), before: undefined, after }));
  expect(kinds(coming)).toEqual(["Gateway", "AuthorizationPolicy", "ServiceEntry"]);
  const going = rendered.map((before) => ({ ref: refOf(before), before, after: undefined }));
  expect(kinds(going)).toEqual(["ServiceEntry", "AuthorizationPolicy", "Gateway"]);
});
