import { afterAll, beforeAll, expect, test } from "vitest";
import { pathForms } from "@/server/contracts/golden-paths/forms.ts";
import { findingsIn } from "@/server/findings/findings.ts";
import { rootNamespace } from "@/server/inventory/labels.ts";
import { giveWaypoint, TestChanges } from "./test-changes.suite.ts";

let company: TestChanges;
beforeAll(async () => {
  company = await TestChanges.start();
  await company.done(await company.apply("give-a-waypoint", giveWaypoint("web-api")));
}, 60_000);
afterAll(() => company.close(), 60_000);

const at = { protocol: "http", service: { namespace: "recommendation", name: "recommendation" }, port: 80 };
const ask = (more: object) =>
  pathForms["ask-an-authorizer"].parse({
    service: { namespace: "web-api", name: "web-api" },
    authorizer: "judge",
    add: at,
    ...more,
  });
const config = () =>
  company.cluster.read({ apiVersion: "v1", kind: "ConfigMap", namespace: rootNamespace, name: "istio" });
const written = (events: readonly { readonly text: string }[]) =>
  events.flatMap(({ text }) =>
    /^(Applied|Removed) (ConfigMap|AuthorizationPolicy \S+-asks-)/.test(text) ? [text] : [],
  );
const unused = () =>
  findingsIn({ inventory: company.deps.inventory.current, target: "embedded" }).filter(
    ({ code, place }) => code === "rule-without-effect" && place === "ConfigMap istio-system/istio",
  );
const asks = "AuthorizationPolicy web-api/web-api-asks-judge";

test("the mesh learns of an authorizer before it is asked, and forgets it after nobody asks any more", async () => {
  const begun = await company.done(await company.apply("ask-an-authorizer", ask({})));
  expect(written(begun.events)).toEqual(["Applied ConfigMap istio-system/istio", `Applied ${asks}`]);
  const ended = await company.done(await company.apply("ask-an-authorizer", ask({ asked: false })));
  expect(written(ended.events)).toEqual([`Removed ${asks}`, "Applied ConfigMap istio-system/istio"]);
  expect(JSON.stringify(await config())).not.toContain("judge");
}, 60_000);

test("an authorizer that nobody asks any more is found, with the form that lets the mesh forget it", async () => {
  await company.done(await company.apply("ask-an-authorizer", ask({})));
  expect(unused()).toEqual([]);
  await company.done(await company.apply("ask-an-authorizer", ask({ asked: false, add: null })));
  const [found] = unused();
  expect(found).toMatchObject({
    level: "info",
    path: { slug: "ask-an-authorizer", title: "Let the mesh forget judge" },
  });
  const values = pathForms["ask-an-authorizer"].parse(found?.path?.values);
  expect(await company.done(await company.apply("ask-an-authorizer", values))).toMatchObject({ state: "verified" });
  expect(JSON.stringify(await config())).not.toContain("judge");
  expect(unused()).toEqual([]);
}, 60_000);
