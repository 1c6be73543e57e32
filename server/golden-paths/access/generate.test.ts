import { existsSync, readFileSync, writeFileSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { sampleInventory } from "@/server/inventory/sample.suite.ts";
import { type Intent, intentSet } from "../intent.ts";
import { render } from "../render.ts";
import { toYaml } from "../resource.ts";
import {
  asks,
  block,
  caller,
  gateway,
  grant,
  header,
  headersOnly,
  keepClosed,
  knows,
  lock,
  rule,
  signIn,
  sleep,
  waypoint,
} from "./sample-intents.suite.ts";

const inventory = sampleInventory({ enrolled: ["web-api", "default"] });
const behind = [waypoint("default")];
const webApi = caller("web-api", "web-api");

const cases: Record<string, Intent[]> = {
  "a waypoint is a Gateway and a label": [waypoint("default")],
  "a waypoint with three pods": [waypoint("default", 3)],
  "a caller may send one kind of request": [...behind, grant({ requests: [headersOnly] })],
  "callers with rules of their own stand in one policy": [
    ...behind,
    grant({ requests: [headersOnly, rule({ methods: ["GET", "HEAD"], paths: ["/ip", "/status/*"] })] }),
    grant({ caller: webApi }),
    grant({
      caller: gateway,
      requests: [headersOnly, rule({ methods: ["GET", "HEAD"], paths: ["/ip", "/status/*"] })],
    }),
  ],
  "headers that are absent, have a value, or not": [
    ...behind,
    grant({
      requests: [
        rule({ headers: [header("x-debug", "absent"), header("x-tenant", "value", "red", "blue*")] }),
        rule({ methods: ["GET"], headers: [header("x-tenant", "not-value", "*-test")] }),
      ],
    }),
  ],
  "anyone comes through the waypoint only where requests are judged": [
    ...behind,
    grant({ caller: { kind: "anyone" } }),
    grant({ requests: [headersOnly] }),
  ],
  "anyone may call past a waypoint that judges no requests": [...behind, grant({ caller: { kind: "anyone" } })],
  "rules about requests without a waypoint let nobody in": [grant({ requests: [headersOnly] })],
  "a service that is kept closed lets nobody in at its pods": [keepClosed()],
  "a service that is kept closed lets nobody in at its waypoint, and nobody past it": [...behind, keepClosed()],
  "a blocked caller is refused at the pods": [block(), grant()],
  "a blocked caller is refused at waypoint and pods": [...behind, block()],
  "some requests of a caller are blocked at the waypoint": [
    ...behind,
    block({ requests: [rule({ methods: ["POST", "DELETE"] })] }),
  ],
  "everybody but some is blocked, the waypoint is not": [
    ...behind,
    block({ blocked: { who: "all-but", callers: [sleep, gateway] } }),
  ],
  "everybody but many is blocked by principals": [
    block({
      blocked: { who: "all-but", callers: Array.from({ length: 17 }, (_, index) => caller("default", `app-${index}`)) },
    }),
  ],
  "a signed-in user is required": [...behind, signIn()],
  "a signed-in user with claims, token in a cookie, open paths": [
    ...behind,
    signIn({
      keys: { kind: "inline", jwks: '{"keys":[]}' },
      audiences: ["shop"],
      tokenFrom: "cookie",
      tokenName: "session",
      claims: [
        { claim: "groups", values: ["staff", "admin"] },
        { claim: "realm.roles", values: ["operator"] },
      ],
      openPaths: ["/health"],
      claimHeaders: [{ claim: "sub", header: "x-user" }],
      forwardToken: false,
    }),
  ],
  "an authorizer is asked, and the mesh learns of it": [
    ...behind,
    asks({ methods: ["POST"], paths: ["/admin/*"], exceptPaths: ["/admin/health"] }),
    knows,
  ],
  "everything of one service composes": [
    ...behind,
    lock("default"),
    grant({ requests: [headersOnly] }),
    grant({ caller: gateway }),
    block({ blocked: { who: "this", caller: webApi } }),
    signIn({ openPaths: ["/health"] }),
    asks(),
  ],
};

describe("access rules of a service", () => {
  test.each(Object.entries(cases))("%s", (sentence, intents) => {
    const name = sentence.replaceAll(",", "").replaceAll(" ", "-");
    const file = fileURLToPath(new URL(`testdata/${name}.out.yaml`, import.meta.url));
    const golden = `# ${sentence}\n${[...render(intentSet(intents), inventory).values()].map(toYaml).join("---\n")}`;
    if (process.env["UPDATE_GOLDEN"] === "1") {
      writeFileSync(file, golden);
    }
    expect(existsSync(file), `${file} is missing: run with UPDATE_GOLDEN=1`).toBe(true);
    expect(golden).toBe(readFileSync(file, "utf8"));
  });

  test("stand at the pods under other names than at the waypoint, so that one can come before the other goes", () => {
    const names = (intents: Intent[]): string[] => [...render(intentSet(intents), inventory).keys()];
    const pods = names([grant(), block()]);
    expect(names([...behind, grant(), block()]).filter((name) => pods.includes(name))).toEqual([
      // A block for everything stays at the pods.
      "AuthorizationPolicy default/httpbin-blocked",
    ]);
  });

  test("policies at the waypoint are for the services of versions too", () => {
    const service = { namespace: "purchase-history", name: "purchase-history" };
    const intents: Intent[] = [
      waypoint("purchase-history"),
      { slug: "mirror-traffic", service, to: { kind: "version", version: "v2" }, percent: 10 },
      grant({ service, ports: [8080], requests: [headersOnly] }),
    ];
    const policy = render(intentSet(intents), inventory).get(
      "AuthorizationPolicy purchase-history/purchase-history-waypoint-callers",
    );
    expect(policy?.spec).toMatchObject({
      targetRefs: [{ name: "purchase-history" }, { name: "purchase-history-v2" }],
    });
    const closed = [...intents.filter(({ slug }) => slug !== "let-a-caller-in"), keepClosed(service)];
    expect(
      render(intentSet(closed), inventory).get("AuthorizationPolicy purchase-history/purchase-history-waypoint-callers")
        ?.spec,
    ).toMatchObject({ targetRefs: [{ name: "purchase-history" }, { name: "purchase-history-v2" }], rules: [] });
  });

  test("a lock holds at a waypoint that is borrowed from another namespace", () => {
    const services = inventory.services.map((one) =>
      one.name === "httpbin" ? { ...one, waypoint: { namespace: "web-api", name: "shared" } } : one,
    );
    const policies = (intents: Intent[]) => render(intentSet(intents), { ...inventory, services });
    const locked = policies([lock("default"), signIn()]).get("AuthorizationPolicy default/httpbin-waypoint-callers");
    expect(locked?.spec).toEqual({
      targetRefs: [{ group: "", kind: "Service", name: "httpbin" }],
      action: "ALLOW",
      rules: [],
    });
    expect([...policies([signIn()]).keys()]).not.toContain("AuthorizationPolicy default/httpbin-waypoint-callers");
  });

  test("pods behind several Services have one guard", () => {
    const services = inventory.services.map((one) =>
      one.name === "sleep" ? { ...one, selector: { app: "httpbin" } } : one,
    );
    const shared = { ...inventory, services };
    const intents = [...behind, grant(), grant({ service: { namespace: "default", name: "sleep" }, ports: [80] })];
    const guards = [...render(intentSet(intents), shared).keys()].filter((key) => key.endsWith("-only-waypoint"));
    expect(guards).toEqual(["AuthorizationPolicy default/httpbin-only-waypoint"]);
  });
});
