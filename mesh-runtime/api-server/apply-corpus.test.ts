/** Sequences of requests that a real kube-apiserver answered, played over HTTPS against this one. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { mismatches, type Past, type Sequence, substitute } from "./apply-corpus.suite.ts";
import { startServer } from "./running-server.suite.ts";

const files = ["conflicts", "lists", "patches", "migration", "metadata", "delete", "list-watch"];

/** Sequences that are answered otherwise on purpose, and why. */
const otherwise: Readonly<Record<string, string>> = {
  "delete: dry-run, foreground, bad options":
    "garbage is collected here, so an owner without dependents that is deleted in the foreground goes at once",
  "watch with bookmarks and initial events": "initial events are served; the real server had them switched off",
};

const server = await startServer();
afterAll(() => server[Symbol.asyncDispose]());

let count = 0;

/** Each sequence gets a namespace of its own in place of `web`. */
async function play({ steps }: Sequence): Promise<string[]> {
  count++;
  const namespace = `web-${count}`;
  const body = { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } };
  await server.call({ method: "POST", path: "/api/v1/namespaces", body });
  const past: Past = { revisions: [], uids: [], continues: [] };
  const lastRevisions = new Map<string, string>();
  const found: string[] = [];
  const run = async (step: Sequence["steps"][number], index: number): Promise<void> => {
    const { request, response } = step;
    const path = request.path.replace("/namespaces/web/", `/namespaces/${namespace}/`);
    const answer = await server.call({
      ...substitute(request, past),
      path,
      query: shortened(substitute(request.query ?? {}, past), namespace),
      ...(request.body === undefined ? {} : { body: substitute(renamed(request.body, namespace), past) }),
    });
    const meta = answer.json?.metadata ?? {};
    past.revisions[index + 1] = meta.resourceVersion;
    past.uids[index + 1] = meta.uid;
    past.continues[index + 1] = meta.continue;
    const key = path.replace(/\/(status|scale)$/, "").replace(new RegExp(`/${meta.name}$`), "") + (meta.name ?? "");
    found.push(
      ...mismatches(response, answer, lastRevisions.get(key), isWatch(step)).map(
        (text) => `step ${index + 1}: ${text}`,
      ),
    );
    if (meta.resourceVersion !== undefined && answer.json?.items === undefined) {
      lastRevisions.set(key, meta.resourceVersion);
    }
  };
  // Watches change nothing, so those that follow each other may run side by side.
  let watches: Promise<void>[] = [];
  for (const [index, step] of steps.entries()) {
    if (isWatch(step)) {
      watches.push(run(step, index));
    } else {
      await Promise.all(watches);
      watches = [];
      await run(step, index);
    }
  }
  await Promise.all(watches);
  return found;
}

const isWatch = ({ request }: Sequence["steps"][number]): boolean => request.query?.["watch"] !== undefined;

/** Watches of a second suffice: every event is there when they begin. */
const shortened = (query: Readonly<Record<string, string>>, namespace: string): Record<string, string> => ({
  ...query,
  ...(query["timeoutSeconds"] === undefined ? {} : { timeoutSeconds: "1" }),
  ...(query["fieldSelector"] === undefined
    ? {}
    : { fieldSelector: query["fieldSelector"].replace("metadata.namespace!=web", `metadata.namespace!=${namespace}`) }),
});

const renamed = (body: unknown, namespace: string): unknown =>
  JSON.parse(JSON.stringify(body).replaceAll('"namespace":"web"', `"namespace":"${namespace}"`));

describe.each(files)("apply corpus: %s", (file) => {
  const sequences = parse(
    readFileSync(join(import.meta.dirname, "testdata", "apply", `${file}.yaml`), "utf8"),
  ) as Sequence[];
  test.each(sequences.map((sequence) => [sequence.name, sequence] as const))("%s", async (name, sequence) => {
    const found = await play(sequence);
    if (otherwise[name] === undefined) {
      expect(found).toEqual([]);
    } else {
      expect(found, "meets the expectation now: take it off the list").not.toEqual([]);
    }
  });
});
