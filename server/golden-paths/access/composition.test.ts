import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseAllDocuments } from "yaml";
import { admit, admitApplied } from "@/mesh-runtime/api/admission.ts";
import { parseApiVersion } from "@/mesh-runtime/api/meta.ts";
import { kindByGvk } from "@/mesh-runtime/api/registry.ts";
import { type AuthorizationPolicyResource, compileAuthorization } from "@/mesh-runtime/policy/index.ts";
import { findService } from "@/server/inventory/model.ts";
import { sampleInventory } from "@/server/inventory/sample.suite.ts";
import { intentsOfCluster } from "../from-manifest.ts";
import { noTraffic } from "../insight.ts";
import { changeIntents, type IntentSet, intentKey, intentSet, intentsOf, intentsOfService } from "../intent.ts";
import { closingChanges, isKeptClosed } from "../let-a-caller-in/kept-closed.ts";
import { isWholeOurs } from "../owned-part.ts";
import type { PathContext } from "../path.ts";
import { render } from "../render.ts";
import { canonical, type Rendered, toYaml } from "../resource.ts";
import { arrives, type Call } from "./access-oracle.suite.ts";
import { outcomeOf } from "./outcome.ts";
import { accessIntent, callers, httpbin, requestIntents, sleep, webApi } from "./sample-intents.suite.ts";

const inventory = sampleInventory({ enrolled: ["web-api", "default", "recommendation"] });
const context = { inventory, current: intentSet([]), traffic: noTraffic, nowUnixMs: Date.UTC(2026, 10, 22) };
const intentSets = fc.array(accessIntent, { maxLength: 14 }).map((intents) => intentSet(intents));
const changesTo = (set: IntentSet) =>
  [...set.values()].map((after) => ({ key: intentKey(after), before: undefined, after }));
const resourcesOf = (set: IntentSet): Rendered[] => [...render(set, inventory).values()];

function admission(resource: Rendered) {
  const { group, version } = parseApiVersion(resource.apiVersion) ?? { group: "", version: "" };
  const kind = kindByGvk({ group, version, kind: resource.kind });
  if (kind === undefined) {
    throw new Error(`${resource.kind} is not served`);
  }
  const place = {
    name: resource.metadata.name,
    ...(resource.metadata.namespace === undefined ? {} : { namespace: resource.metadata.namespace }),
  };
  return { kind, object: resource, ...place };
}

/** As the API server keeps it: who wrote which annotation. */
const stored = (resource: Rendered): object => ({
  ...parseAllDocuments(toYaml(resource))[0]?.toJS(),
  ...(isWholeOurs(resource)
    ? {}
    : {
        metadata: {
          ...resource.metadata,
          managedFields: [
            {
              manager: "towpath",
              operation: "Apply",
              fieldsV1: { "f:metadata": { "f:annotations": { "f:towpath.dev/intent": {} } } },
            },
          ],
        },
      }),
});

describe("any combination of access intents", { timeout: 60_000 }, () => {
  test("is accepted by the API server as it is, without a warning", () => {
    void fc.assert(
      fc.property(intentSets, (set) => {
        for (const resource of resourcesOf(set)) {
          if (isWholeOurs(resource)) {
            const result = admit({ ...admission(resource), operation: "create", fieldValidation: "Strict" });
            expect(result.ok ? result.warnings : result.status).toEqual([]);
            // Defaults of the server would be taken for somebody's edit.
            expect(result.ok && canonical((result.object as { spec?: unknown }).spec)).toBe(canonical(resource.spec));
          } else {
            expect(admitApplied(admission(resource))).toBeUndefined();
          }
        }
      }),
      { numRuns: 100 },
    );
  });

  test("is taken by the control plane's compiler without a note, each policy where it belongs", () => {
    void fc.assert(
      fc.property(intentSets, (set) => {
        for (const resource of resourcesOf(set).filter(({ kind }) => kind === "AuthorizationPolicy")) {
          const policy = resource as AuthorizationPolicyResource;
          const compiled = compileAuthorization(policy, "istio-system", () => true);
          expect(compiled.notes).toEqual([]);
          const targeted = policy.spec?.targetRefs !== undefined;
          expect([compiled.authorization === undefined, compiled.http === undefined]).toEqual(
            targeted ? [true, false] : [false, compiled.http === undefined],
          );
        }
      }),
      { numRuns: 100 },
    );
  });

  test("comes back from the resources that it was rendered to", () => {
    void fc.assert(
      fc.property(intentSets, (set) => {
        const found = intentsOfCluster(resourcesOf(set).map((resource) => stored(resource)));
        const sorted = (one: IntentSet): unknown[] => [...one].sort(([a], [b]) => (a < b ? -1 : 1));
        expect(sorted(found)).toEqual(sorted(set));
      }),
      { numRuns: 40 },
    );
  });

  const call: fc.Arbitrary<Call> = fc.record({
    service: fc.constantFrom(httpbin, webApi),
    from: fc.constantFrom(...callers, { namespace: "elsewhere", serviceAccount: "somebody" }),
    port: fc.constant(0),
    request: fc.record({
      method: fc.constantFrom("GET", "POST", "DELETE"),
      path: fc.constantFrom(
        "/",
        "/headers",
        "/users/7",
        "/users/7/orders",
        "/files/a/b",
        "/x.json",
        "/admin/x",
        "/health",
      ),
      headers: fc.constantFrom(
        [],
        [{ name: "x-a", value: "1" }],
        [{ name: "x-b", value: "1" }],
        [{ name: "x-b", value: "begin-1" }],
        [
          { name: "x-a", value: "2" },
          { name: "x-b", value: "the-end" },
        ],
      ),
    }),
    signedIn: fc.boolean(),
  });

  const agree = (set: IntentSet, calls: readonly Call[]): void => {
    const outcome = outcomeOf(changesTo(set), context);
    for (const { port: _port, ...one } of calls) {
      const service = findService(inventory, one.service);
      const port = service?.ports[0]?.port ?? 0;
      const token = one.signedIn ? "signed-in" : "none";
      const passage = service && outcome.request(service, one.from, port, one.request, token);
      expect({ ...one, allowed: passage?.allowed }).toEqual({ ...one, allowed: arrives(set, { ...one, port }) });
    }
  };

  test("lets in exactly whom the intents let in", () => {
    void fc.assert(fc.property(intentSets, fc.array(call, { minLength: 8, maxLength: 8 }), agree), { numRuns: 200 });
  });

  test("lets through exactly the requests that the intents let through", () => {
    const own = call.map((one) => ({ ...one, service: httpbin, from: sleep }));
    void fc.assert(
      fc.property(
        requestIntents.map((intents) => intentSet(intents)),
        fc.array(own, { minLength: 16, maxLength: 16 }),
        agree,
      ),
      { numRuns: 250 },
    );
  });

  /** As it would be live: whom a lock keeps out is what the cluster says. */
  const written = (set: IntentSet): PathContext => ({
    ...context,
    current: set,
    inventory: {
      ...inventory,
      authorizationPolicies: resourcesOf(set).filter(
        ({ kind }) => kind === "AuthorizationPolicy",
      ) as AuthorizationPolicyResource[],
    },
  });

  test("an access that ends by itself lets in nobody but whom another access lets in", () => {
    void fc.assert(
      fc.property(intentSets, fc.array(call, { minLength: 8, maxLength: 8 }), (set, calls) => {
        for (const ended of intentsOf(set, "let-a-caller-in")) {
          const going = { key: intentKey(ended), before: ended, after: undefined };
          const next = changeIntents(set, [going, ...closingChanges(ended, written(set))]);
          const [before, after] = [set, next].map((one) => outcomeOf(changesTo(one), context));
          for (const { from, request, signedIn } of calls) {
            const service = findService(inventory, ended.service);
            const port = service?.ports[0]?.port ?? 0;
            const token = signedIn ? "signed-in" : "none";
            const allowed = [before, after].map(
              (outcome) => service && outcome?.request(service, from, port, request, token).allowed,
            );
            const named = intentsOfService(next, ended.service).some(
              (one) =>
                one.slug === "let-a-caller-in" &&
                (one.caller.kind === "anyone" ||
                  (one.caller.namespace === from.namespace && one.caller.serviceAccount === from.serviceAccount)),
            );
            expect(allowed[1] === true && allowed[0] === false && !named).toBe(false);
            expect(allowed[1]).toBe(arrives(next, { service: ended.service, from, port, request, signedIn }));
          }
        }
      }),
      { numRuns: 60 },
    );
  });

  test("keeps everybody but the waypoint from pods whose rules depend on what requests say, and that are kept closed", () => {
    void fc.assert(
      fc.property(intentSets, fc.constantFrom(...callers, undefined), (set, from) => {
        const outcome = outcomeOf(changesTo(set), context);
        for (const ref of [httpbin, webApi]) {
          const judged = [...set.values()].some(
            (one) =>
              "service" in one &&
              one.service.name === ref.name &&
              (one.slug === "require-sign-in" ||
                one.slug === "ask-an-authorizer" ||
                ("requests" in one && one.requests.length > 0)),
          );
          const pod = findService(inventory, ref)?.pods[0];
          if ((judged || isKeptClosed(set, ref)) && pod !== undefined) {
            expect(outcome.connection(pod, from, pod.ports[0]?.port ?? 0).allowed).toBe(false);
          }
        }
      }),
      { numRuns: 100 },
    );
  });
});
