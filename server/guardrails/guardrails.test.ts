import { afterAll, beforeAll, expect, test } from "vitest";
import { SessionCache } from "@/server/auth/session-cache.ts";
import { openSession } from "@/server/auth/sessions.ts";
import { silent, TestChanges } from "@/server/changes/test-changes.suite.ts";
import { pathForms } from "@/server/contracts/golden-paths/forms.ts";
import { goldenPathOptions } from "@/server/contracts/golden-paths.ts";
import { guardrailsView } from "@/server/contracts/guardrails.ts";
import { noTraffic } from "@/server/golden-paths/insight.ts";
import { answer } from "@/server/http/router.ts";
import { routes } from "@/server/http/routes.ts";
import type { Portal } from "@/server/portal.ts";
import { Ownership } from "@/server/teams/ownership.ts";
import { Traffic } from "@/server/traffic/traffic.ts";

const host = "127.0.0.1:3000";
const address = "/api/v1/settings/guardrails";
let company: TestChanges;
let portal: Portal;
beforeAll(async () => {
  company = await TestChanges.start();
  const { telemetry, deps, changes } = company;
  const { db, audit } = deps;
  const ownership = new Ownership(db);
  const traffic = new Traffic(telemetry, deps.inventory as ConstructorParameters<typeof Traffic>[1], ownership);
  portal = {
    config: { port: 3000, portalUrl: `http://${host}` },
    ...{ db, audit, changes, telemetry, ownership, traffic, log: silent, sessions: new SessionCache(db) },
    insight: () => noTraffic,
  } as unknown as Portal;
}, 60_000);
afterAll(() => company.close(), 60_000);

/** One request of somebody, through the real routes. */
async function ask(id: string, method: string, path: string, body?: unknown): Promise<Response> {
  const { token } = await openSession(portal.db, id, new Date());
  return answer(
    portal,
    routes,
    new Request(`http://${host}${path}`, {
      method,
      headers: {
        host,
        origin: `http://${host}`,
        cookie: `towpath_session_3000=${token}`,
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    }),
  );
}

const guardrailsOf = async (id: string) => guardrailsView.parse(await (await ask(id, "GET", address)).json());
const retriesFor = async (id: string) =>
  goldenPathOptions.parse(await (await ask(id, "GET", "/api/v1/golden-paths/retries/options")).json());

test("what a platform engineer sets for a form is what somebody else's form begins with, and may hold", async () => {
  expect(await retriesFor("dana")).toMatchObject({ defaults: {}, ranges: [] });
  const { etag } = await guardrailsOf("pat");
  const rule = {
    slug: "retries",
    defaults: { attempts: 1, codes: [503], safeOnly: true },
    ranges: [{ field: "attempts", min: 0, max: 2 }],
  };
  const wanted = { paths: [rule], freezes: [], approvalHours: 24, etag };
  expect((await ask("dana", "PUT", address, wanted)).status).toBe(403);
  expect(await retriesFor("dana")).toMatchObject({ defaults: {} });

  expect((await ask("pat", "PUT", address, wanted)).status).toBe(200);
  expect(await guardrailsOf("dana")).toMatchObject({
    paths: [{ ...rule, who: "owners", approval: false }],
    editable: false,
    changedBy: { id: "pat" },
  });
  const { defaults, ranges } = await retriesFor("dana");
  expect({ defaults, ranges }).toEqual({ defaults: rule.defaults, ranges: rule.ranges });
  // Another form is as it was.
  const other = await ask("dana", "GET", "/api/v1/golden-paths/timeouts/options");
  expect(goldenPathOptions.parse(await other.json())).toMatchObject({ defaults: {}, ranges: [] });
  const values = { service: { namespace: "web-api", name: "web-api" }, ...defaults };
  expect(pathForms.retries.parse(values)).toMatchObject({ attempts: 1, codes: [503] });

  const preview = async (more: object) =>
    (await ask("dana", "POST", "/api/v1/golden-paths/retries/preview", { values: { ...values, ...more } })).json();
  const codes = ({ findings }: { findings: { code: string }[] }) => findings.map(({ code }) => code);
  expect(codes(await preview({}))).not.toContain("out-of-range");
  expect(codes(await preview({ attempts: 3 }))).toContain("out-of-range");

  // Who saw what was set before writes over nobody.
  expect((await ask("pat", "PUT", address, { ...wanted, paths: [] })).status).toBe(409);
  expect((await retriesFor("dana")).defaults).toEqual(rule.defaults);
});
