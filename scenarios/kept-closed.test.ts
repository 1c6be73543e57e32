/** The last access to a service ends by itself, in a real mesh: from then on nobody gets in, at no moment. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { Company } from "./company.ts";
import { PortalChanges } from "./portal-changes.ts";

const url = "http://httpbin.default:8000/get";
const sleep = { namespace: "default", app: "sleep" };
const stranger = { namespace: "web-api", app: "web-api" };
const service = { namespace: "default", name: "httpbin" };
const grant = {
  service,
  callers: [{ kind: "identity", namespace: "default", serviceAccount: "sleep" }],
  ports: [8000],
};
const waypoint = (given: boolean) => ({ namespaces: ["default"], replicas: 1, given });

let company: Company;
let portal: PortalChanges;
beforeAll(async () => {
  company = await Company.start();
  portal = await PortalChanges.start(company.mesh);
});
afterAll(async () => {
  await portal?.[Symbol.asyncDispose]();
  await company?.[Symbol.asyncDispose]();
});

const statuses = async (from: typeof sleep): Promise<number[]> => {
  const answers = await company.ask(from, url, "--count", "10", "--concurrency", "2");
  return [...new Set(answers.map(({ status }) => status))];
};

/** Every status that somebody who was never let in gets while something is changed. */
async function strangers<T>(work: () => Promise<T>): Promise<{ result: T; seen: number[] }> {
  const seen = new Set<number>();
  let done = false;
  const asking = (async () => {
    do {
      for (const status of await statuses(stranger)) {
        seen.add(status);
      }
    } while (!done);
  })();
  const result = await work().finally(() => {
    done = true;
  });
  await asking;
  return { result, seen: [...seen] };
}

test("an access that ends closes its service at the pods and at a waypoint, until somebody is let in", async () => {
  const until = Date.now() + 3_600_000;
  expect(await portal.apply("let-a-caller-in", { ...grant, until })).toMatchObject({ state: "verified", failure: "" });
  expect(await statuses(sleep)).toEqual([200]);

  const ended = await strangers(async () => {
    await portal.changes.upkeep(until);
    await portal.changes.settled();
  });
  expect(ended.seen).not.toContain(200);
  expect([...(await portal.changes.intents()).keys()]).toEqual(["keep-closed/default/httpbin"]);
  expect([...(await statuses(sleep)), ...(await statuses(stranger))]).not.toContain(200);

  for (const given of [true, false]) {
    const { result, seen } = await strangers(() => portal.apply("give-a-waypoint", waypoint(given)));
    expect(result).toMatchObject({ state: "verified", failure: "" });
    expect(seen).not.toContain(200);
    expect([...(await statuses(sleep)), ...(await statuses(stranger))]).not.toContain(200);
  }

  const { result, seen } = await strangers(() => portal.apply("let-a-caller-in", grant));
  expect(result).toMatchObject({ state: "verified", failure: "" });
  expect(await statuses(sleep)).toEqual([200]);
  expect([...seen, ...(await statuses(stranger))]).not.toContain(200);
}, 240_000);
