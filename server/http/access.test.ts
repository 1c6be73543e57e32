import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { AuditEntry } from "@/server/audit/audit-log.ts";
import { SessionCache } from "@/server/auth/session-cache.ts";
import { openSession } from "@/server/auth/sessions.ts";
import type { TokenScope } from "@/server/contracts/api-tokens.ts";
import { type Role, role } from "@/server/contracts/me.ts";
import { startTestDatabase, type TestDatabase } from "@/server/db/test-database.suite.ts";
import { createLog } from "@/server/log.ts";
import type { Portal } from "@/server/portal.ts";
import { seedPeople } from "@/server/seed/people.ts";
import type { Route } from "./route.ts";
import { answer, refusedAction } from "./router.ts";
import { routes } from "./routes.ts";

const origin = "http://127.0.0.1:3000";
const audited: AuditEntry[] = [];
const cookies = new Map<Role, string>();
let database: TestDatabase;
let portal: Portal;

beforeAll(async () => {
  database = await startTestDatabase();
  const { db } = database;
  await seedPeople(db);
  await db.user.create({ data: { id: "vic", name: "Vic", initials: "V" } });
  for (const [id, of] of [
    ["pat", "platform"],
    ["dana", "developer"],
    ["alex", "auditor"],
    ["vic", "viewer"],
  ] as const) {
    cookies.set(of, `towpath_session_3000=${(await openSession(db, id, new Date())).token}`);
  }
  const log = createLog("test");
  portal = {
    config: { port: 3000, portalUrl: origin },
    db,
    sessions: new SessionCache(db),
    log: { ...log, error() {} },
    audit: async (entry: AuditEntry) => void audited.push(entry),
  } as unknown as Portal;
}, 60_000);
afterAll(() => database.close(), 60_000);
beforeEach(() => void audited.splice(0));

/** The real routes and the real door, with handlers that only say that the door was passed. */
const doors: readonly Route[] = routes.map((route) => ({
  ...route,
  query: undefined,
  body: undefined,
  handle: async () => ({ passed: true }),
}));

const send = (method: string, path: string, headers: Record<string, string> = {}): Promise<Response> =>
  answer(
    portal,
    doors,
    new Request(`${origin}${path.replaceAll(/:(\w+)/g, "x")}`, {
      method,
      headers: { host: "127.0.0.1:3000", ...headers },
    }),
  );

/** Who may call what: written out, so that a route cannot change its mind unnoticed. */
const everybody: readonly Role[] = ["viewer", "developer", "platform", "auditor"];
const table: Readonly<Record<string, readonly Role[] | "public">> = {
  "GET /api/v1/me": everybody,
  "GET /api/v1/sign-in": "public",
  "POST /api/v1/sign-in": "public",
  "POST /api/v1/sign-out": everybody,
  "GET /api/v1/graph": everybody,
  "GET /api/v1/graph/stream": everybody,
  "GET /api/v1/graph/timeline": everybody,
  "GET /api/v1/graph/edge": everybody,
  "GET /api/v1/graph/node": everybody,
  "GET /api/v1/traces": everybody,
  "GET /api/v1/overview": everybody,
  "GET /api/v1/services": everybody,
  "GET /api/v1/services/:namespace/:name": everybody,
  "GET /api/v1/denials": everybody,
  "GET /api/v1/denials/requests": everybody,
  "GET /api/v1/mesh": everybody,
  "GET /api/v1/golden-paths": everybody,
  "GET /api/v1/golden-paths/:slug/options": everybody,
  "POST /api/v1/golden-paths/:slug/preview": ["developer", "platform"],
  "POST /api/v1/golden-paths/:slug/apply": ["developer", "platform"],
  "GET /api/v1/rollouts": everybody,
  "GET /api/v1/rollouts/options": everybody,
  "POST /api/v1/rollouts/preview": ["developer", "platform"],
  "POST /api/v1/rollouts": ["developer", "platform"],
  "GET /api/v1/rollouts/:id": everybody,
  "GET /api/v1/rollouts/:id/stream": everybody,
  "GET /api/v1/rollouts/:id/series": everybody,
  "GET /api/v1/rollouts/:id/report": everybody,
  "POST /api/v1/rollouts/:id/chain-check": ["developer", "platform"],
  "POST /api/v1/rollouts/:id/promote": ["developer", "platform"],
  "POST /api/v1/rollouts/:id/promote-fully": ["developer", "platform"],
  "POST /api/v1/rollouts/:id/pause": ["developer", "platform"],
  "POST /api/v1/rollouts/:id/resume": ["developer", "platform"],
  "POST /api/v1/rollouts/:id/abort": ["developer", "platform"],
  "POST /api/v1/rollouts/:id/retry": ["developer", "platform"],
  "POST /api/v1/rollouts/:id/restart": ["developer", "platform"],
  "POST /api/v1/rollouts/:id/undo": ["developer", "platform"],
  "GET /api/v1/rollout-bundles": everybody,
  "POST /api/v1/rollout-bundles": ["developer", "platform"],
  "GET /api/v1/rollout-bundles/:id": everybody,
  "POST /api/v1/rollout-bundles/:id/abort": ["developer", "platform"],
  "GET /api/v1/openapi.json": everybody,
  "GET /api/v1/tokens": everybody,
  "POST /api/v1/tokens": ["developer", "platform"],
  "DELETE /api/v1/tokens/:id": everybody,
  "GET /api/v1/changes": everybody,
  "GET /api/v1/changes/:id": everybody,
  "GET /api/v1/changes/:id/stream": everybody,
  "POST /api/v1/changes/:id/undo": ["developer", "platform"],
  "POST /api/v1/changes/:id/approve": ["developer", "platform"],
  "POST /api/v1/changes/:id/reject": ["developer", "platform"],
  "POST /api/v1/changes/:id/withdraw": ["developer", "platform"],
  "GET /api/v1/drift": everybody,
  "POST /api/v1/drift/put-back": ["developer", "platform"],
  "POST /api/v1/drift/take-over": ["developer", "platform"],
  "GET /api/v1/try": everybody,
  "POST /api/v1/try": ["developer", "platform"],
  "GET /api/v1/teams": everybody,
  "GET /api/v1/audit": ["platform", "auditor"],
  "GET /api/v1/audit/export": ["platform", "auditor"],
  "PUT /api/v1/settings/ticket-lead-time": ["platform"],
  "POST /api/v1/what-if": everybody,
  "GET /api/v1/findings": everybody,
  "GET /api/v1/settings/guardrails": everybody,
  "PUT /api/v1/settings/guardrails": ["platform"],
};

describe("who may call what", { timeout: 30_000 }, () => {
  test("names every route", () => {
    expect(routes.map(({ method, path }) => `${method} ${path}`).sort()).toEqual(Object.keys(table).sort());
  });

  test.each(Object.entries(table))("%s", async (name, allowed) => {
    const [method = "", path = ""] = name.split(" ");
    const answers: Record<string, number> = { nobody: (await send(method, path)).status };
    const expected: Record<string, number> = { nobody: allowed === "public" ? 200 : 401 };
    for (const of of role.options) {
      answers[of] = (await send(method, path, { cookie: cookies.get(of) ?? "" })).status;
      expected[of] = allowed === "public" || allowed.includes(of) ? 200 : 403;
    }
    expect(answers).toEqual(expected);
    // Refused attempts to change something are on record, refused reads are not.
    const refused = Object.values(answers).filter((status) => status === 403).length;
    expect(audited.filter(({ outcome }) => outcome === "refused")).toHaveLength(method === "GET" ? 0 : refused);
  });
});

/** What a token needs; everything else takes none. */
const scopes: Readonly<Record<string, TokenScope>> = {
  "GET /api/v1/rollouts": "rollouts:read",
  "GET /api/v1/rollouts/options": "rollouts:read",
  "POST /api/v1/rollouts/preview": "rollouts:start",
  "POST /api/v1/rollouts": "rollouts:start",
  "GET /api/v1/rollouts/:id": "rollouts:read",
  "GET /api/v1/rollouts/:id/stream": "rollouts:read",
  "GET /api/v1/rollouts/:id/series": "rollouts:read",
  "GET /api/v1/rollouts/:id/report": "rollouts:read",
  "POST /api/v1/rollouts/:id/chain-check": "rollouts:control",
  "POST /api/v1/rollouts/:id/promote": "rollouts:control",
  "POST /api/v1/rollouts/:id/promote-fully": "rollouts:control",
  "POST /api/v1/rollouts/:id/pause": "rollouts:control",
  "POST /api/v1/rollouts/:id/resume": "rollouts:control",
  "POST /api/v1/rollouts/:id/abort": "rollouts:control",
  "POST /api/v1/rollouts/:id/retry": "rollouts:start",
  "POST /api/v1/rollouts/:id/restart": "rollouts:control",
  "POST /api/v1/rollouts/:id/undo": "rollouts:control",
  "GET /api/v1/rollout-bundles": "rollouts:read",
  "POST /api/v1/rollout-bundles": "rollouts:start",
  "GET /api/v1/rollout-bundles/:id": "rollouts:read",
  "POST /api/v1/rollout-bundles/:id/abort": "rollouts:control",
  "GET /api/v1/openapi.json": "rollouts:read",
};

test("tokens are taken where a scope is named, and nowhere else", () => {
  const named = routes.filter(({ scope }) => scope !== undefined);
  expect(Object.fromEntries(named.map(({ method, path, scope }) => [`${method} ${path}`, scope]))).toEqual(scopes);
});

test.each([
  ["/api/v1/rollouts", "rollout-start"],
  ["/api/v1/rollouts/preview", "rollout-start"],
  ["/api/v1/rollouts/:id/promote-fully", "rollout-promote"],
  ["/api/v1/rollouts/:id/abort", "rollout-abort"],
  ["/api/v1/rollouts/:id/undo", "rollout-undo"],
  ["/api/v1/rollouts/:id/restart", "rollout-restart"],
  ["/api/v1/rollout-bundles/:id/abort", "rollout-abort"],
  ["/api/v1/tokens/:id", "token-ended"],
  ["/api/v1/changes/:id/undo", "change-undo"],
  ["/api/v1/golden-paths/:slug/apply", "change-apply"],
] as const)("a refused attempt at %s is on record as %s", (path, action) => {
  expect(refusedAction(path)).toBe(action);
});

describe("the door", { timeout: 30_000 }, () => {
  const platform = (): Record<string, string> => ({ cookie: cookies.get("platform") ?? "" });

  test.each([
    [{ origin: "https://elsewhere.example" }, 403],
    [{ "sec-fetch-site": "cross-site" }, 403],
    [{ origin: "null" }, 403],
    [{ origin }, 200],
    [{ origin: "http://localhost:3000", host: "localhost:3000" }, 200],
    [{}, 200],
  ])("answers a mutation with %j by %i", async (headers, status) => {
    expect((await send("POST", "/api/v1/changes/x/undo", { ...platform(), ...headers })).status).toBe(status);
  });

  test("is shut at once after signing out", async () => {
    const { token } = await openSession(database.db, "vic", new Date());
    const cookie = `towpath_session_3000=${token}`;
    expect((await send("GET", "/api/v1/me", { cookie })).status).toBe(200);
    const out = new Request(`${origin}/api/v1/sign-out`, { method: "POST", headers: { cookie } });
    expect((await answer(portal, routes, out)).headers.get("set-cookie")).toContain("Expires=Thu, 01 Jan 1970");
    expect((await send("GET", "/api/v1/me", { cookie })).status).toBe(401);
  });

  test("lets a page of another site read nothing without the cookie, and never checks reads by origin", async () => {
    expect((await send("GET", "/api/v1/me", { origin: "https://elsewhere.example" })).status).toBe(401);
    expect((await send("GET", "/api/v1/me", { ...platform(), origin: "https://elsewhere.example" })).status).toBe(200);
  });

  test.each([
    ["GET", "/api/v1/nothing", 404, "not-found"],
    ["DELETE", "/api/v1/changes/x", 405, "method-not-allowed"],
    ["GET", "/api/v1/changes/x/y/z", 404, "not-found"],
    ["GET", "/api/v1/services/%E0%A4%A/x", 404, "not-found"],
  ])("answers %s %s with a problem", async (method, path, status, code) => {
    const response = await send(method, path, platform());
    expect(response.headers.get("content-type")).toBe("application/problem+json");
    expect(await response.json()).toMatchObject({ status, code });
  });

  test("takes a forged or overlong cookie for none", async () => {
    for (const value of ["made-up", "x".repeat(5_000), ""]) {
      expect((await send("GET", "/api/v1/me", { cookie: `towpath_session_3000=${value}` })).status).toBe(401);
    }
  });

  test("refuses a body that is no JSON, is too large, or does not fit, and names the field", async () => {
    const post = async (body: string, type = "application/json"): Promise<unknown> =>
      (
        await answer(
          portal,
          routes,
          new Request(`${origin}/api/v1/sign-in`, { method: "POST", headers: { "content-type": type }, body }),
        )
      ).json();
    expect(await post("{")).toMatchObject({ code: "invalid-input" });
    expect(await post("token=x", "application/x-www-form-urlencoded")).toMatchObject({ code: "invalid-input" });
    expect(await post(JSON.stringify({ token: "x".repeat(300_000) }))).toMatchObject({ code: "too-large" });
    expect(await post(JSON.stringify({ token: 1, more: 2 }))).toMatchObject({
      code: "invalid-input",
      fields: [{ path: "token" }, { path: "" }],
    });
  });

  test("shows no insides when something breaks", async () => {
    const broken: Route[] = doors.map((route) => ({
      ...route,
      handle: async () => {
        throw new Error("password=secret");
      },
    }));
    const response = await answer(portal, broken, new Request(`${origin}/api/v1/me`, { headers: platform() }));
    expect(response.status).toBe(500);
    expect(await response.text()).not.toContain("secret");
  });
});
