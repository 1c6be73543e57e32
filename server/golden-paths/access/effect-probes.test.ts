import { describe, expect, test } from "vitest";
import type { Intent } from "../intent.ts";
import { type Around, contextOf, filled } from "./filled-in.suite.ts";
import { asks, caller, grant, knows, lock, waypoint } from "./sample-intents.suite.ts";

/** Pods of recommendation and purchase-history are not in the mesh. */
const around = (...intents: readonly Intent[]): Around => ({
  intents,
  sample: { enrolled: ["default", "web-api"], waypoint: "default" },
});
const sentences = ({ probes }: ReturnType<typeof filled>): string[] => probes.map(({ sentence }) => sentence);
const webApi = grant({ caller: caller("web-api", "web-api") });
const scoped = { scope: "namespaces" as const, namespaces: ["default"] };

describe("a change of whole namespaces is proven by a call that it decides and one that goes on", () => {
  test.each<[string, ReturnType<typeof filled>, string[]]>([
    [
      "locked down where anyone may call one service: that goes on, other calls are refused",
      filled("lock-down", { ...scoped, locked: true }, around(grant({ caller: { kind: "anyone" } }))),
      ["as httpbin: GET / to sleep is refused", "as sleep: GET / to httpbin gets in"],
    ],
    [
      "locked down, nobody let in",
      filled("lock-down", { ...scoped, locked: true }, around()),
      ["as sleep: GET / to httpbin is refused"],
    ],
    [
      "locked down, one let in to httpbin alone",
      filled("lock-down", { ...scoped, locked: true }, around(webApi)),
      ["as httpbin: GET / to sleep is refused", "as web-api: GET / to httpbin gets in"],
    ],
    [
      "opened again",
      filled("lock-down", { ...scoped, locked: false }, around(lock("default"))),
      ["as sleep: GET / to httpbin gets in"],
    ],
    [
      "mutual TLS required: plain text is refused, who proves an identity gets in",
      filled("require-mtls", { ...scoped, required: true }, around()),
      ["as purchase-history-v1: GET / in plain text to httpbin is refused", "as sleep: GET / to httpbin gets in"],
    ],
    [
      "mutual TLS required of the whole mesh",
      filled("require-mtls", { scope: "mesh", namespaces: [], required: true }, around()),
      ["as purchase-history-v1: GET / in plain text to httpbin is refused", "as sleep: GET / to httpbin gets in"],
    ],
    [
      "mutual TLS where plain text was refused before: nothing to show but who gets in",
      filled("require-mtls", { ...scoped, required: true }, around(lock("default"), webApi)),
      ["as web-api: GET / to httpbin gets in"],
    ],
    [
      "a waypoint: callers come through it",
      filled("give-a-waypoint", { namespaces: ["web-api"], given: true }, around()),
      ["as httpbin: GET / to web-api gets in"],
    ],
    [
      "a waypoint where an authorizer is asked about one service: it is shown at another",
      filled("give-a-waypoint", { namespaces: ["default"], given: true }, around(asks(), knows)),
      ["as httpbin: GET / to sleep gets in"],
    ],
    ["nothing of it in the mesh", filled("lock-down", { ...scoped, namespaces: ["recommendation"] }, around()), []],
  ])("%s", (_what, form, expected) => {
    expect(sentences(form)).toEqual(expected);
  });

  test("one in plain text expects what the mesh's own engine decides, and is sent from outside of the mesh", () => {
    const { inventory } = contextOf(around());
    const [plain] = filled("require-mtls", { ...scoped, required: true }, around()).probes;
    expect(plain).toMatchObject({ expect: { kind: "refused" }, source: { namespace: "purchase-history" } });
    expect(inventory.pods.find(({ namespace }) => namespace === "purchase-history")?.captured).toBe(false);
  });
});

describe("what an authorizer has no word in", () => {
  const ask = (values: object, ...intents: readonly Intent[]) =>
    filled(
      "ask-an-authorizer",
      { service: { namespace: "default", name: "httpbin" }, authorizer: "doorman", ...values },
      around(waypoint("default"), knows, webApi, ...intents),
    );
  test("is asked at a path that is left out, and anywhere once it is not asked any more", () => {
    expect(sentences(ask({ exceptPaths: ["/health"] }))).toEqual([
      "as web-api: GET /health unasked to httpbin gets in",
    ]);
    expect(sentences(ask({}))).toEqual([]);
    expect(sentences(ask({ asked: false }, asks()))).toEqual(["as web-api: GET / unasked to httpbin gets in"]);
  });
});
