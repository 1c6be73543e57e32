import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { AuditEntry } from "@/server/audit/audit-log.ts";
import { findBearer } from "@/server/auth/api-tokens.ts";
import { SessionCache } from "@/server/auth/session-cache.ts";
import { openSession } from "@/server/auth/sessions.ts";
import { type MadeToken, madeToken, type TokenScope, tokenList } from "@/server/contracts/api-tokens.ts";
import { startTestDatabase, type TestDatabase } from "@/server/db/test-database.suite.ts";
import { createLog } from "@/server/log.ts";
import type { Portal } from "@/server/portal.ts";
import { seedPeople } from "@/server/seed/people.ts";
import { everyRole, type Route, route } from "./route.ts";
import { answer } from "./router.ts";
import { tokenRoutes } from "./routes/tokens.ts";

const origin = "http://127.0.0.1:3000";
const audited: AuditEntry[] = [];
let database: TestDatabase;
let portal: Portal;
let dana = "";
let alex = "";

beforeAll(async () => {
  database = await startTestDatabase();
  const { db } = database;
  await seedPeople(db);
  const cookie = async (id: string): Promise<string> =>
    `towpath_session_3000=${(await openSession(db, id, new Date())).token}`;
  [dana, alex] = [await cookie("dana"), await cookie("alex")];
  portal = {
    config: { port: 3000, portalUrl: origin },
    db,
    sessions: new SessionCache(db),
    log: { ...createLog("test"), error() {} },
    audit: async (entry: AuditEntry) => void audited.push(entry),
  } as unknown as Portal;
}, 60_000);
afterAll(() => database.close(), 60_000);
beforeEach(() => void audited.splice(0));

const routes: readonly Route[] = [
  ...tokenRoutes,
  route("GET", "/api/v1/read", everyRole, { scope: "rollouts:read", handle: ({ person }) => ({ id: person.id }) }),
  route("POST", "/api/v1/control", ["developer"], { scope: "rollouts:control", handle: ({ person }) => person.id }),
  route("GET", "/api/v1/people-only", everyRole, { handle: () => ({}) }),
];
const send = (method: string, path: string, headers: Record<string, string>, body?: object): Promise<Response> =>
  answer(
    portal,
    routes,
    new Request(`${origin}${path}`, {
      method,
      headers: { host: "127.0.0.1:3000", "content-type": "application/json", ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    }),
  );
const code = async (response: Response): Promise<string> => ((await response.json()) as { code: string }).code;
const make = async (scopes: readonly TokenScope[], days = 30): Promise<MadeToken> => {
  const response = await send("POST", "/api/v1/tokens", { cookie: dana }, { name: "pipeline", scopes, days });
  expect(response.status).toBe(201);
  return madeToken.parse(await response.json());
};
const by = (secret: string): Record<string, string> => ({ authorization: `Bearer ${secret}` });

describe("tokens for programs", () => {
  test("act as the person who made them, within their scopes", async () => {
    const { secret } = await make(["rollouts:read"]);
    const read = await send("GET", "/api/v1/read", by(secret));
    expect([read.status, await read.json()]).toEqual([200, { id: "dana" }]);
    const control = await send("POST", "/api/v1/control", by(secret));
    expect([control.status, await code(control)]).toEqual([403, "token-scope"]);
    const actor = { id: "dana", name: expect.stringMatching(/ \(token pipeline\)$/) };
    expect(audited.at(-1)).toMatchObject({ actor, outcome: "refused", object: "/api/v1/control" });
  });

  test("are refused wherever no scope is named, also where tokens are made", async () => {
    const { secret } = await make(["rollouts:read", "rollouts:control", "rollouts:start"]);
    expect(await code(await send("GET", "/api/v1/people-only", by(secret)))).toBe("token-scope");
    const more = await send("POST", "/api/v1/tokens", by(secret), { name: "x", scopes: ["rollouts:read"] });
    expect(await code(more)).toBe("token-scope");
  });

  test("do what the person may do today, not what they might when it was made", async () => {
    const { secret } = await make(["rollouts:control"]);
    expect((await send("POST", "/api/v1/control", by(secret))).status).toBe(200);
    const { db } = database;
    const before = await db.membership.findMany({ where: { userId: "dana" } });
    await db.membership.deleteMany({ where: { userId: "dana" } });
    try {
      expect(await code(await send("POST", "/api/v1/control", by(secret)))).toBe("forbidden");
    } finally {
      await db.membership.createMany({ data: before });
    }
  });

  test.each([
    ["unknown", () => `twp_${"a".repeat(43)}`],
    ["of another form", () => "Bearer"],
    ["too long", () => "a".repeat(5_000)],
    ["empty", () => ""],
  ])("that are %s are no session, even beside one", async (_, secret) => {
    const response = await send("GET", "/api/v1/read", { ...by(secret()), cookie: dana });
    expect([response.status, await code(response)]).toEqual([401, "unauthenticated"]);
  });

  test("end when their time is over", async () => {
    const { secret, token } = await make(["rollouts:read"], 1);
    expect(await findBearer(database.db, secret, new Date(token.expiresUnixMs - 1))).toBeDefined();
    expect(await findBearer(database.db, secret, new Date(token.expiresUnixMs))).toBeUndefined();
  });

  test("are ended by their person alone, at once", async () => {
    const { secret, token } = await make(["rollouts:read"]);
    expect((await send("DELETE", `/api/v1/tokens/${token.id}`, { cookie: alex })).status).toBe(404);
    expect((await send("GET", "/api/v1/read", by(secret))).status).toBe(200);
    expect((await send("DELETE", `/api/v1/tokens/${token.id}`, { cookie: dana })).status).toBe(204);
    expect((await send("GET", "/api/v1/read", by(secret))).status).toBe(401);
    expect(audited.at(-1)).toMatchObject({ action: "token-ended", outcome: "done" });
  });

  test("are kept as hashes, and the secret is told once", async () => {
    const { secret, token } = await make(["rollouts:read"]);
    expect(JSON.stringify(await database.db.apiToken.findMany())).not.toContain(secret);
    const listed = await (await send("GET", "/api/v1/tokens", { cookie: dana })).text();
    expect(listed).not.toContain(secret);
    expect(tokenList.parse(JSON.parse(listed)).tokens).toContainEqual(expect.objectContaining({ id: token.id }));
    expect(JSON.stringify(audited)).not.toContain(secret);
    expect(secret.startsWith(token.prefix)).toBe(true);
  });

  test.each([
    ["a line break", "deploy\npipeline"],
    ["a command of a terminal", "deploy\u001b[31m"],
    ["text that is turned round", "deploy \u202etxt.exe"],
    ["an isolate", "deploy\u2066x\u2069"],
    ["what cannot be seen", "deploy\u200bpipeline"],
    ["a byte order mark in the middle", "deploy\ufeffpipeline"],
  ])("have no names with %s", async (_, name) => {
    const response = await send("POST", "/api/v1/tokens", { cookie: dana }, { name, scopes: ["rollouts:read"] });
    const { code: problem, fields } = (await response.json()) as { code: string; fields: { path: string }[] };
    expect([response.status, problem, fields.map(({ path }) => path)]).toEqual([422, "invalid-input", ["name"]]);
  });

  test("have names in any script", async () => {
    const request = { name: " Déploiement · 배포 · נשר 🚀 ", scopes: ["rollouts:read"] };
    const made = await send("POST", "/api/v1/tokens", { cookie: dana }, request);
    expect(madeToken.parse(await made.json()).token.name).toBe("Déploiement · 배포 · נשר 🚀");
  });

  test("of others are not listed", async () => {
    await make(["rollouts:read"]);
    expect(await (await send("GET", "/api/v1/tokens", { cookie: alex })).json()).toEqual({ tokens: [] });
  });

  test("say when they were used", async () => {
    const { secret, token } = await make(["rollouts:read"]);
    await send("GET", "/api/v1/read", by(secret));
    const { tokens } = tokenList.parse(await (await send("GET", "/api/v1/tokens", { cookie: dana })).json());
    expect(tokens.find(({ id }) => id === token.id)?.lastUsedUnixMs).toBeGreaterThan(0);
  });
});
