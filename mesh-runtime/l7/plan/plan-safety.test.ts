/** Whatever a configuration says and a client sends: a plan comes out, and nothing in it can end a line. */
import fc from "fast-check";
import { expect, test } from "vitest";
import type { L7Filter, L7HeaderValue, L7PathEdit, L7RouteMatch, L7StringMatch } from "../../xds/proxy-config.ts";
import type { RequestPlan } from "../request-plan.ts";
import { type Asked, backend, match, noBody, rig, route, rule, service } from "./planner-rig.suite.ts";

const nasty = fc.oneof(
  fc.constantFrom(
    "",
    "/",
    "a",
    "*",
    "\r\n",
    "a\r\nx-evil: 1",
    "\0",
    "/a b",
    "é",
    "\u010a",
    "(",
    "[",
    "\\1",
    "%",
    ":path",
    "host",
  ),
  fc.string({ maxLength: 12 }),
  fc.string({ maxLength: 12, unit: "binary" }),
);
const pathLike = fc.oneof(
  nasty,
  fc
    .array(fc.constantFrom("a", "..", ".", "%2e", "%2F", "%00", "\\", "", "~"), { maxLength: 5 })
    .map((parts) => `/${parts.join("/")}`),
);
const stringMatch: fc.Arbitrary<L7StringMatch> = fc.record({
  type: fc.constantFrom("Exact", "Prefix", "Suffix", "RegularExpression", "Present"),
  value: nasty,
  ignoreCase: fc.boolean(),
});
const some: fc.Arbitrary<L7RouteMatch> = fc
  .record({
    path: fc.record({
      type: fc.constantFrom("Exact" as const, "PathPrefix" as const, "Prefix" as const, "RegularExpression" as const),
      value: fc.oneof(fc.constant("/"), pathLike, fc.constant(".*")),
      ignoreCase: fc.boolean(),
    }),
    headers: fc.array(fc.tuple(stringMatch, nasty, fc.boolean()), { maxLength: 1 }),
  })
  .map(({ path, headers }) =>
    match({ path, headers: headers.map(([test, name, negated]) => ({ ...test, name, negated })) }),
  );
const value: fc.Arbitrary<L7HeaderValue> = fc.record({ name: fc.oneof(fc.constant("x-a"), nasty), value: nasty });
const edit = fc.record({
  set: fc.array(value, { maxLength: 2 }),
  add: fc.array(value, { maxLength: 2 }),
  remove: fc.array(nasty, { maxLength: 2 }),
});
const pathEdit: fc.Arbitrary<L7PathEdit> = fc.oneof(
  fc.record({ kind: fc.constantFrom("full" as const, "prefix" as const), path: pathLike }),
  fc.record({ kind: fc.constant("regex" as const), pattern: fc.oneof(nasty, fc.constant("a|/")), substitution: nasty }),
);
const filter: fc.Arbitrary<L7Filter> = fc.oneof(
  fc.record({ kind: fc.constantFrom("requestHeaders" as const, "responseHeaders" as const), edit }),
  fc.record({
    kind: fc.constant("redirect" as const),
    scheme: fc.constantFrom("", "https", "a:b"),
    hostname: nasty,
    port: fc.constantFrom(0, 80, 8443),
    path: fc.option(pathEdit, { nil: undefined }),
    status: fc.constantFrom(301, 308, 200),
  }),
  fc.record({ kind: fc.constant("rewrite" as const), hostname: nasty, path: fc.option(pathEdit, { nil: undefined }) }),
  fc.record({
    kind: fc.constant("cors" as const),
    cors: fc.record({
      allowOrigins: fc.array(stringMatch, { maxLength: 2 }),
      allowMethods: fc.array(nasty, { maxLength: 2 }),
      allowHeaders: fc.array(nasty, { maxLength: 2 }),
      exposeHeaders: fc.array(nasty, { maxLength: 2 }),
      maxAge: fc.constantFrom(0, 5),
      allowCredentials: fc.boolean(),
    }),
  }),
);
/** What a parser lets through: visible targets, field values without control characters. */
const visible = fc.stringMatching(/^[!-~]{0,12}$/);
const asked: fc.Arbitrary<Asked> = fc
  .record({
    target: fc.oneof(
      pathLike.filter((text) => /^[!-~]*$/.test(text)),
      visible.map((text) => `/${text}`),
    ),
    method: fc.constantFrom("GET", "OPTIONS", "POST", "CONNECT"),
    authority: fc.constantFrom("app.ns", "a:80", "[::1]:80", ""),
    headers: fc.dictionary(
      fc.constantFrom("x-a", "Origin", "access-control-request-method", "access-control-request-headers", "upgrade"),
      visible,
    ),
  })
  .map((given) => given as Asked);

function linesOf(plan: RequestPlan): readonly string[] {
  const edits = plan.kind === "forward" ? plan.responseEdits : [];
  const edited = edits.flatMap(({ set, add, remove }) => [
    ...[...set, ...add].flatMap((field) => [field.name, field.value]),
    ...remove,
  ]);
  return plan.kind === "forward"
    ? [plan.target, plan.authority, ...plan.fields.list, ...edited]
    : [...(plan.reply.fields ?? [])];
}

test("a plan is always clean", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(some, { maxLength: 3 }),
      fc.array(filter, { maxLength: 3 }),
      fc.array(filter, { maxLength: 1 }),
      fc.array(asked, { minLength: 1, maxLength: 5 }),
      async (matches, filters, ofBackend, requests) => {
        const rules = [rule("r", { matches, filters, backends: [backend("app", 1, ofBackend)] })];
        const planner = rig(service({ routes: [route("ns/r", rules)] }));
        for (const request of requests) {
          const plan = await planner.ask(request, noBody);
          for (const line of linesOf(plan)) {
            expect(line).toMatch(/^[\t\x20-\x7e\x80-\xff]*$/);
          }
          if (plan.kind === "forward") {
            expect(plan.target).toMatch(/^(?:\/[!-~]*|\*)$/);
            expect(plan.authority).toMatch(/^[!-~]*$/);
          } else {
            expect([200, 301, 308, 400, 404, 405, 500]).toContain(plan.reply.status);
            // 500 is a rule's; a defect has none.
            expect([plan.reply.status, plan.route === undefined]).not.toEqual([500, true]);
          }
        }
      },
    ),
    { numRuns: 1_000 },
  );
});
