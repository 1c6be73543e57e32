import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Cluster } from "@/server/cluster/cluster.ts";
import { ClusterError } from "@/server/cluster/errors.ts";
import type { ChangeDetails } from "@/server/contracts/changes.ts";
import { listDrift } from "@/server/drift/drift.ts";
import { failureText } from "./apply-error.ts";
import { allow, lock, pat, TestChanges } from "./test-changes.suite.ts";

let company: TestChanges;
beforeAll(async () => {
  company = await TestChanges.start();
}, 60_000);
afterAll(() => company.close(), 60_000);

type Apply = Cluster["apply"];
type Remove = Cluster["remove"];

/** The API server, with other answers to writes that are meant. */
function answering(more: {
  readonly apply?: (write: () => ReturnType<Apply>, at: number) => ReturnType<Apply>;
  readonly remove?: Remove;
}): Cluster {
  let writes = 0;
  const apply: Apply = (object, options) => {
    const write = () => company.cluster.apply(object, options);
    return options?.dryRun === true || more.apply === undefined ? write() : more.apply(write, ++writes);
  };
  const remove: Remove = (ref, options) =>
    options?.dryRun === true ? company.cluster.remove(ref, options) : (more.remove ?? company.cluster.remove)(ref);
  return Object.create(company.cluster, {
    apply: { configurable: true, value: apply },
    remove: { configurable: true, value: remove },
  }) as Cluster;
}
const refuse = (why: string) => Promise.reject(new ClusterError("refused", 422, why));
const silence = () => Promise.reject(new ClusterError("unreachable", 0, "nobody answers"));

const locked = { ...lock(), namespaces: ["recommendation", "web-api"] };
const lockThrough = async (cluster: Cluster): Promise<ChangeDetails> => {
  const through = company.through({ cluster });
  return company.done(await company.apply("lock-down", locked, { through, confirmation: "2 namespaces" }), through);
};

describe("a change that fails", { timeout: 30_000 }, () => {
  test("says what of it could not be taken away again, and how to", async () => {
    const cluster = answering({
      apply: (write, at) => (at === 2 ? refuse("not today") : write()),
      remove: () => refuse("nothing is removed today"),
    });
    const change = await lockThrough(cluster);
    expect(change).toMatchObject({ state: "failed", receipt: null, undoable: false });
    expect(change.failure).toBe(
      "AuthorizationPolicy web-api/deny-all: not today. AuthorizationPolicy recommendation/deny-all could not be put back: nothing is removed today. Everything else is as it was before. Apply the change again, or remove what it left: kubectl delete authorizationpolicy -n recommendation deny-all",
    );
    expect(change.undoBlockedBecause).toContain("why it failed says what became of it");
    expect(await company.policy("deny-all", "recommendation")).toBeDefined();
    const whole = await company.done(
      await company.apply("lock-down", locked, { confirmation: "2 namespaces", force: true }),
    );
    await company.done(await company.undo(whole.id));
  });

  test("names an object that is not as it was, and it stands on the page of what was changed", async () => {
    const grant = await company.done(await company.apply("let-a-caller-in", allow("web-api", "recommendation")));
    // The second write is what puts it back.
    const through = company.through({
      cluster: answering({ apply: (write, at) => (at === 1 ? write().then(silence) : refuse("not today")) }),
    });
    const change = await company.done(
      await company.apply("let-a-caller-in", allow("web-api", "purchase-history"), { through }),
      through,
    );
    expect(change.failure).toContain("AuthorizationPolicy web-api/web-api-callers could not be put back: not today.");
    expect(change.failure).toContain('on the page "Changed by others"');
    expect(change.failure).not.toContain("Everything is as it was");
    const { items } = await listDrift({ ...company.deps, changes: company.changes }, {}, pat);
    expect(items).toMatchObject([{ kind: "edited", resource: { name: "web-api-callers" } }]);
    await company.done(await company.undo(grant.id, pat, true));
  });

  test("puts back what was written though no answer came", async () => {
    const cluster = answering({ apply: (write, at) => (at === 2 ? write().then(silence) : write()) });
    const change = await lockThrough(cluster);
    expect(change.failure).toBe(
      "AuthorizationPolicy web-api/deny-all: nobody answers. Everything is as it was before.",
    );
    expect(await company.policy("deny-all", "recommendation")).toBeUndefined();
    expect(await company.policy("deny-all")).toBeUndefined();
  });

  test("says why it stays: nobody is let in again, or no call goes back", () => {
    const kept = { kept: true, left: [], unconfirmed: "" };
    expect(failureText("No.", kept)).toContain("so that nobody is let in again");
    expect(failureText("No.", kept, true)).toBe(
      "No. What was written stays, so that no call goes back to the version that it left; the rest is tried again by itself.",
    );
  });

  test("says when proxies have not confirmed what was put back", () => {
    expect(failureText("No.", { kept: false, left: [], unconfirmed: "1 of 3 proxies is silent." })).toBe(
      "No. Everything was put back, but proxies have not confirmed it: 1 of 3 proxies is silent. See the Mesh page.",
    );
  });
});
