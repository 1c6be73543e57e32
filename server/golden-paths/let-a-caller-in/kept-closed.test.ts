import { describe, expect, test } from "vitest";
import type { AuthorizationPolicyResource } from "@/mesh-runtime/policy/index.ts";
import { type Around, codesOf, contextOf, filled, now } from "../access/filled-in.suite.ts";
import { block, caller, grant, httpbin, keepClosed, lock, sleep, waypoint } from "../access/sample-intents.suite.ts";
import { exposeToTheOutside } from "../expose-to-the-outside/path.ts";
import { type Intent, intentKey, intentSet } from "../intent.ts";
import { refillAll } from "../registry.ts";
import { render } from "../render.ts";
import { withdrawalOf } from "../withdrawal.ts";
import { closingChanges, isKeptClosed } from "./kept-closed.ts";

const ended = grant({ until: now });
const other = grant({ caller: caller("web-api", "web-api") });
const closed = intentKey(keepClosed());

/** The intents, and what of them is live. */
const around = (intents: readonly Intent[], live: readonly Intent[] = intents) => {
  const context = contextOf({ intents });
  const policies = [...render(intentSet(live), context.inventory).values()].filter(
    ({ kind }) => kind === "AuthorizationPolicy",
  );
  return {
    ...context,
    inventory: { ...context.inventory, authorizationPolicies: policies as AuthorizationPolicyResource[] },
  };
};
const letIn = (values: object, setting: Around = {}) =>
  filled("let-a-caller-in", { service: httpbin, callers: [sleep], ports: [8000], ...values }, setting);

describe("when an access ends by itself", () => {
  test.each<[string, ReturnType<typeof around>, string[]]>([
    ["it was the last", around([ended]), [closed]],
    ["it was the last, behind a waypoint", around([waypoint("default"), ended]), [closed]],
    ["only blocks are left, which let nobody in", around([ended, block()]), [closed]],
    ["others are let in", around([ended, other]), []],
    ["it is kept closed already", around([ended, keepClosed()]), []],
    ["the namespace is locked down", around([ended, lock("default")]), []],
    ["the mesh is locked down", around([ended, lock("istio-system")]), []],
    ["another namespace is", around([ended, lock("web-api")]), [closed]],
    ["the lock was taken out of the cluster by hand", around([ended, lock("default")], [ended]), [closed]],
    [
      "the lock of its waypoint was",
      around([waypoint("default"), ended, lock("default")], [ended, lock("default")]),
      [closed],
    ],
  ])("and %s", (_what, context, expected) => {
    expect(closingChanges(ended, context).map(({ key }) => key)).toEqual(expected);
  });

  test("nothing is closed by the end of a block", () => {
    expect(closingChanges(block({ until: now }), around([block({ until: now })]))).toEqual([]);
  });
});

describe("a service that is kept closed", () => {
  const intents = [keepClosed()];

  test("is open to whom a person lets in, and kept closed no longer", () => {
    const { changes } = letIn({}, { intents }).plan;
    expect(changes.map(({ key, after }) => [key, after === undefined])).toEqual([
      ["let-a-caller-in/default/httpbin/default/sleep", false],
      [closed, true],
    ]);
  });

  test("is open to a gateway by which it is exposed", () => {
    const values = {
      service: httpbin,
      port: 8000,
      host: "shop.example.com",
      path: "/",
      gateway: { namespace: "istio-ingress", name: "ingress" },
      exposed: true,
    };
    const form = exposeToTheOutside.plan(values as never, contextOf({ intents }));
    expect(form.changes.map(({ key }) => key)).toEqual(
      expect.arrayContaining([closed, "let-a-caller-in/default/httpbin/istio-ingress/ingress-istio"]),
    );
  });

  test("stands among the rules in force, with forms that let somebody in or open it", () => {
    const [[key, entry] = []] = refillAll(contextOf({ intents }));
    expect([key, entry]).toEqual([
      closed,
      {
        slug: "let-a-caller-in",
        summary: "nobody is let in any more, until somebody is",
        values: { service: httpbin, callers: [], ports: [8000], requests: [], until: null, allowed: true },
      },
    ]);
    // While somebody is let in it says nothing.
    const withCaller = contextOf({ intents: [keepClosed(), other] });
    expect([...refillAll(withCaller).keys()]).toEqual([intentKey(other)]);
    expect(isKeptClosed(withCaller.current, httpbin)).toBe(false);
  });

  test("is opened to everybody on purpose only, and told so", () => {
    const form = letIn({ callers: [], allowed: false }, { intents });
    expect(form.plan.changes.map(({ key, after }) => [key, after])).toEqual([[closed, undefined]]);
    expect(form.confirmWord).toBe("httpbin");
    expect(form.title).toBe("Open httpbin again");
    expect(codesOf(form)).toEqual(["warning anyone-may-call callers"]);
  });

  test("is opened also when its Service is gone", () => {
    const gone = { namespace: "default", name: "gone" };
    const setting = { intents: [keepClosed(gone)] };
    const [entry] = refillAll(contextOf(setting)).values();
    const form = letIn({ ...entry?.values, allowed: false }, setting);
    expect(form.plan.changes.map(({ after }) => after)).toEqual([undefined]);
    expect(codesOf(form)).toEqual([]);
  });

  test("stays closed when a caller is taken back by a person", () => {
    const form = letIn({ allowed: false }, { intents: [keepClosed(), grant()] });
    expect(form.plan.changes.map(({ key }) => key)).toEqual([intentKey(grant())]);
    expect(form.confirmWord).toBe("");
    expect(codesOf(form)).toEqual([]);
  });
});

test("the last caller that a person takes back opens the service, with a warning, as ever", () => {
  const form = letIn({ allowed: false }, { intents: [grant()] });
  expect(form.plan.changes.map(({ key, after }) => [key, after])).toEqual([[intentKey(grant()), undefined]]);
  expect(codesOf(form)).toEqual(["warning anyone-may-call callers"]);
});

test("a form without callers takes back nothing where nothing is kept closed", () => {
  const form = letIn({ callers: [], allowed: false }, { intents: [grant()] });
  expect(form.plan.changes).toEqual([]);
  expect(codesOf(form)).toEqual(["error unknown-caller callers"]);
});

describe("an end is told before it comes", () => {
  const until = now + 1;
  test.each<[string, Intent[], string[]]>([
    ["nobody else is let in", [], ["warning kept-closed until"]],
    ["others are let in no longer", [grant({ caller: other.caller, until })], ["warning kept-closed until"]],
    ["others are let in for longer", [grant({ caller: other.caller, until: until + 1 })], ["info kept-closed until"]],
    ["others are let in for good", [other], ["info kept-closed until"]],
    ["anyone is let in for good", [grant({ caller: { kind: "anyone" } })], []],
  ])("where %s", (_what, intents, expected) => {
    expect(codesOf(letIn({ until }, { intents }))).toEqual(expected);
    expect(codesOf(letIn({ until: null }, { intents }))).toEqual([]);
  });

  test("with those who are left", () => {
    const [told] = letIn({ until }, { intents: [other] }).findings;
    expect(told?.message).toBe("When this ends, only web-api may still call httpbin.");
  });
});

test("taking an access back early is what a person does, not an end", () => {
  const { values } = withdrawalOf(ended, "", "") ?? {};
  expect(letIn(values ?? {}, { intents: [ended] }).plan.changes.map(({ key }) => key)).toEqual([intentKey(ended)]);
});
