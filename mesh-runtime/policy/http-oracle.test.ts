import fc from "fast-check";
import { expect, test } from "vitest";
import { evaluateL7, evaluateShadow, evaluateTcp, matchAudit, matchCustom } from "./evaluate-l7.ts";
import { expected } from "./http-oracle.suite.ts";
import { httpPolicy, httpRequest } from "./http-policies.suite.ts";
import { prepareHttpPolicies } from "./prepare-http.ts";
import { prepareConnection } from "./request-attributes.ts";

const few = fc.array(httpPolicy, { maxLength: 3 });
/** Enough for an index. */
const many = fc.array(httpPolicy, { minLength: 8, maxLength: 16 });

test.each([
  ["few policies", few, 6_000],
  ["so many that they are indexed", many, 1_000],
])(
  "decides as a plain reading of the rules does: %s",
  (_what, policies, numRuns) => {
    fc.assert(
      fc.property(policies, httpRequest, (given, request) => {
        const prepared = prepareHttpPolicies(given);
        const want = expected(given, request, false);
        expect({
          allowed: evaluateL7(prepared, request).allowed,
          shadow: evaluateShadow(prepared, request)?.allowed,
          audit: matchAudit(prepared, request),
          custom: matchCustom(prepared, request).map(({ policy }) => policy),
        }).toEqual(want);
        expect(evaluateTcp(prepared, request).allowed).toBe(expected(given, request, true).allowed);
      }),
      { numRuns },
    );
  },
  60_000,
);

test("says the same with a connection that was prepared", () => {
  fc.assert(
    fc.property(few, httpRequest, (given, request) => {
      const prepared = prepareHttpPolicies(given);
      const connection = prepareConnection(request);
      expect(evaluateL7(prepared, { ...request, connection })).toEqual(evaluateL7(prepared, request));
    }),
  );
}, 60_000);

test("says the same of a request however often it is asked", () => {
  fc.assert(
    fc.property(many, fc.array(httpRequest, { minLength: 2, maxLength: 4 }), (given, requests) => {
      const prepared = prepareHttpPolicies(given);
      const first = requests.map((request) => evaluateL7(prepared, request));
      expect(requests.map((request) => evaluateL7(prepared, request))).toEqual(first);
      expect(requests.map((request) => evaluateL7(prepareHttpPolicies(given), request))).toEqual(first);
    }),
  );
}, 60_000);

test("a refusal names what was read; the policy that decided is the last of it, or any ALLOW policy", () => {
  fc.assert(
    fc.property(few, httpRequest, (given, request) => {
      const { allowed, reason, policy, rule, evaluated } = evaluateL7(prepareHttpPolicies(given), request);
      const live = given.filter(({ dryRun, action }) => !dryRun && (action === "ALLOW" || action === "DENY"));
      expect(evaluated.length).toBeLessThanOrEqual(live.length);
      if (!allowed) {
        expect(evaluated).toContain(policy);
      }
      if (reason === "allowed-by-policy" || reason === "denied-by-policy") {
        expect(evaluated.at(-1)).toBe(policy);
        expect(live.some(({ name, rules }) => `default/${name}` === policy && rules[rule ?? -1] !== undefined)).toBe(
          true,
        );
      }
    }),
  );
}, 60_000);
