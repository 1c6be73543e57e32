import { afterAll, beforeAll, describe, expect, test } from "vitest";
import * as z from "zod";
import { endpoints } from "@/server/contracts/endpoints.ts";
import { problemCode } from "@/server/contracts/errors.ts";
import { rolloutAction } from "@/server/contracts/rollouts.ts";
import { testSpec } from "@/server/rollouts/test-rollouts.suite.ts";
import { routes } from "../routes.ts";
import { gated, TestPortal } from "../test-portal.suite.ts";
import { operations } from "./operations.ts";

type Json = Readonly<Record<string, unknown>>;
interface OperationObject {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly summary: string;
  readonly security: readonly Json[];
  readonly parameters?: readonly { readonly name: string; readonly in: string; readonly required: boolean }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Json; example?: unknown }>> };
  readonly responses: Readonly<Record<string, { description: string; content?: Record<string, { schema: Json }> }>>;
}
interface Document {
  readonly openapi: string;
  readonly info: Json;
  readonly tags: readonly { readonly name: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, OperationObject>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Json>>; readonly securitySchemes: Json };
}

let portal: TestPortal;
let pat: Record<string, string>;
let document: Document;
beforeAll(async () => {
  portal = await TestPortal.start();
  pat = await portal.session("pat");
  document = (await (await portal.send("GET", endpoints.openApi, pat)).json()) as Document;
}, 60_000);
afterAll(() => portal.close(), 60_000);

const all = (): [key: string, operation: OperationObject][] =>
  Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]): [string, OperationObject] => [
      `${method.toUpperCase()} ${path.replaceAll(/\{(\w+)\}/g, ":$1")}`,
      operation,
    ]),
  );

/** Every object and array inside. */
function* inside(value: unknown): Generator<Json> {
  if (typeof value === "object" && value !== null) {
    yield value as Json;
    for (const part of Object.values(value)) {
      yield* inside(part);
    }
  }
}

/** Checks by the published schema itself, not by the contract that it was made from. */
function schemaAt(path: string, method: string, status: number, type = "application/json"): z.ZodType {
  const schema = document.paths[path]?.[method]?.responses[status]?.content?.[type]?.schema;
  expect(schema, `${method} ${path} ${status} ${type}`).toBeDefined();
  return asZod(schema ?? {});
}
function asZod(schema: Json): z.ZodType {
  const local = JSON.stringify({ ...schema, $defs: document.components.schemas });
  return z.fromJSONSchema(JSON.parse(local.replaceAll("#/components/schemas/", "#/$defs/")));
}

describe("the OpenAPI document", { timeout: 60_000 }, () => {
  test("is of OpenAPI 3.1: what must be there is, and names are what they may be", () => {
    expect(document.openapi).toMatch(/^3\.1\.\d+$/);
    expect(document.info).toMatchObject({ title: expect.any(String), version: "0.0.0-test" });
    const names = [...Object.keys(document.components.schemas), ...Object.keys(document.components.securitySchemes)];
    expect(names.filter((name) => !/^[a-zA-Z0-9._-]+$/.test(name))).toEqual([]);
    const ids = all().map(([, { operationId }]) => operationId);
    expect(new Set(ids).size).toBe(ids.length);
    for (const [key, { parameters = [], responses, tags, security, requestBody }] of all()) {
      const inPath = [...key.matchAll(/:(\w+)/g)].map(([, name]) => name);
      const said = parameters.filter((one) => one.in === "path");
      expect(said.map(({ name }) => name)).toEqual(inPath);
      expect(said.every(({ required }) => required)).toBe(true);
      expect(Object.keys(responses).every((status) => /^[1-5]\d\d$/.test(status))).toBe(true);
      expect(Object.keys(responses).filter((status) => status.startsWith("2"))).toHaveLength(1);
      expect(Object.values(responses).every(({ description }) => description !== "")).toBe(true);
      expect(document.tags.map(({ name }) => name)).toEqual(expect.arrayContaining([...tags]));
      expect(
        security.flatMap((one) => Object.keys(one)).every((name) => name in document.components.securitySchemes),
      ).toBe(true);
      expect(key.startsWith("GET") && requestBody !== undefined).toBe(false);
    }
  });

  test("refers to nothing that is not in it, and carries no identifiers of other documents", () => {
    const refs = [...inside(document)].flatMap((part) => (typeof part["$ref"] === "string" ? [part["$ref"]] : []));
    expect(refs.length).toBeGreaterThan(50);
    const known = Object.keys(document.components.schemas).map((name) => `#/components/schemas/${name}`);
    expect([...new Set(refs)].filter((ref) => !known.includes(ref))).toEqual([]);
    const foreign = [...inside(document)].filter((part) => typeof part["$id"] === "string" || "$schema" in part);
    expect(foreign).toEqual([]);
    const used = new Set(refs);
    expect(known.filter((name) => !used.has(name))).toEqual([]);
  });

  test("has every route of releases, bundles and tokens with its scope, and no other", () => {
    const wanted = routes.filter(({ path }) => /^\/api\/v1\/(rollouts|rollout-bundles|tokens)(\/|$)/.test(path));
    expect(
      all()
        .map(([key]) => key)
        .sort(),
    ).toEqual(wanted.map(({ method, path }) => `${method} ${path}`).sort());
    expect(Object.keys(operations).sort()).toEqual(
      all()
        .map(([key]) => key)
        .sort(),
    );
    for (const { method, path, scope } of wanted) {
      const { security } = all().find(([key]) => key === `${method} ${path}`)?.[1] ?? { security: [] };
      expect(security).toEqual([...(scope === undefined ? [] : [{ token: [scope] }]), { session: [] }]);
    }
  });

  test("has every address that the contracts name", () => {
    const id = "{id}";
    const addresses = [
      ...[endpoints.rollouts, endpoints.rolloutsPreview, endpoints.rolloutsOptions, endpoints.rollout(id)],
      ...[endpoints.rolloutStream(id), endpoints.rolloutSeries(id), endpoints.rolloutReport(id)],
      ...[endpoints.rolloutChain(id), ...rolloutAction.options.map((action) => endpoints.rolloutAction(id, action))],
      ...[endpoints.rolloutBundles, endpoints.rolloutBundle(id), endpoints.rolloutBundleAbort(id)],
      ...[endpoints.tokens, endpoints.token(id)],
    ].map(decodeURIComponent);
    expect(Object.keys(document.paths).sort()).toEqual(addresses.sort());
  });

  test("shows bodies that its routes take, and that fit its own schemas", () => {
    let examples = 0;
    for (const route of routes) {
      const body = all().find(([key]) => key === `${route.method} ${route.path}`)?.[1].requestBody;
      const json = body?.content["application/json"];
      if (json !== undefined) {
        examples++;
        expect(route.body?.safeParse(json.example).error?.issues ?? []).toEqual([]);
        expect(asZod(json.schema).safeParse(json.example).error?.issues ?? []).toEqual([]);
      }
    }
    expect(examples).toBe(13);
  });

  test("says that defaults are always there in answers and may be left away in requests", () => {
    const { RolloutStep, RolloutStepRequest } = document.components.schemas;
    expect(RolloutStepRequest?.["required"]).toEqual(["weight"]);
    expect(RolloutStep?.["required"]).toEqual(Object.keys(RolloutStep?.["properties"] as Json));
  });

  test("names the closed codes of problems, each under its status", () => {
    const { Problem } = document.components.schemas;
    expect(Problem).toMatchObject({ properties: { code: { enum: problemCode.options } } });
    for (const [key, { responses }] of all()) {
      expect(Object.keys(responses), key).toEqual(expect.arrayContaining(["401", "403", "500", "503"]));
    }
    const abort = document.paths["/api/v1/rollouts/{id}/abort"]?.["post"]?.responses["409"];
    expect(abort?.description).toBe("Conflict: conflict, not-in-this-state, release-running");
  });

  test("says what the portal answers", async () => {
    const fits = async (method: string, path: string, status: number, at = path, body?: object): Promise<Json> => {
      const response = await portal.send(method.toUpperCase(), at, pat, body);
      const type = response.headers.get("content-type") ?? "";
      const answer = (await response.json()) as Json;
      expect(response.status, JSON.stringify(answer)).toBe(status);
      expect(schemaAt(path, method, status, type).safeParse(answer).error?.issues ?? []).toEqual([]);
      return answer;
    };
    const spec = testSpec(gated);
    await fits("get", "/api/v1/rollouts/options", 200);
    await fits("post", "/api/v1/rollouts/preview", 200, undefined, spec);
    const { id } = await fits("post", "/api/v1/rollouts", 201, undefined, { spec, openedUnixMs: Date.now() });
    await portal.world.until((_, { hold }) => hold === "gate", String(id));
    await fits("get", "/api/v1/rollouts", 200);
    await fits("get", "/api/v1/rollouts/{id}", 200, `/api/v1/rollouts/${id}`);
    await fits("get", "/api/v1/rollouts/{id}/series", 200, `/api/v1/rollouts/${id}/series`);
    await fits("get", "/api/v1/rollouts/{id}/report", 200, `/api/v1/rollouts/${id}/report?format=json`);
    await fits("post", "/api/v1/rollouts/{id}/chain-check", 200, `/api/v1/rollouts/${id}/chain-check`, {});
    await fits("post", "/api/v1/rollouts/{id}/undo", 409, `/api/v1/rollouts/${id}/undo`, {});
    await fits("post", "/api/v1/rollouts/{id}/pause", 422, `/api/v1/rollouts/${id}/pause`, { revision: "x" });
    await fits("get", "/api/v1/rollouts/{id}", 404, "/api/v1/rollouts/none");
    await fits("post", "/api/v1/rollouts/{id}/abort", 202, `/api/v1/rollouts/${id}/abort`, {});
    await portal.world.ended(String(id));
    await fits("get", "/api/v1/rollout-bundles", 200);
    await fits("post", "/api/v1/tokens", 201, undefined, { name: "x", scopes: ["rollouts:read"] });
    await fits("get", "/api/v1/tokens", 200);
  });

  test("would notice an answer that does not fit", () => {
    const schema = schemaAt("/api/v1/rollouts/{id}", "get", 200);
    expect(schema.safeParse({ id: "x" }).success).toBe(false);
    const problem = schemaAt("/api/v1/rollouts/{id}", "get", 404, "application/problem+json");
    const body = { type: "x", title: "x", status: 404, code: "not-found", detail: "x" };
    expect(problem.safeParse(body).success).toBe(true);
    expect(problem.safeParse({ ...body, code: "made-up" }).success).toBe(false);
  });
});
