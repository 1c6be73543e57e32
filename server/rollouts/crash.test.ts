import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Changes } from "@/server/changes/changes.ts";
import type { Moment } from "@/server/changes/mortal.suite.ts";
import { dana, pat } from "@/server/changes/test-changes.suite.ts";
import type { RolloutDetails } from "@/server/contracts/rollouts.ts";
import type { Rollouts } from "./rollouts.ts";
import { service, TestRollouts } from "./test-rollouts.suite.ts";

let company: TestRollouts;
beforeAll(async () => {
  company = await TestRollouts.start();
}, 60_000);
afterAll(() => company.close(), 60_000);

const newest = async (): Promise<RolloutDetails | undefined> => {
  const [first] = (await company.rollouts.list({ limit: 1 }, pat)).rollouts;
  return first === undefined ? undefined : company.details(first.id);
};
const isOver = ({ state }: RolloutDetails): boolean => ["completed", "rolled-back", "undone"].includes(state);

type Life = (portal: { rollouts: Rollouts; changes: Changes }) => Promise<void>;

interface Death {
  readonly release: RolloutDetails | undefined;
  /** What it was about to write; empty when it lived to its end. */
  readonly lastWord: string;
  /** Number of the writes that it made. */
  readonly written: number;
}

/** Lives in a process that dies before its write number `at`, or then; the one that comes next takes all to its end. */
async function dieAt(at: number | Moment, life: Life): Promise<Death> {
  company.verdict = "pass";
  const before = (await newest())?.number ?? 0;
  const mortal = company.mortal(at);
  const rollouts = company.through(mortal.deps, mortal.changes);
  await mortal.until(life({ rollouts, changes: mortal.changes }));
  const { lastWord, words } = mortal;
  const written = words.length;
  await mortal.bury();
  const changes = new Changes(company.company.deps);
  await changes.resume();
  await changes.settled();
  const next = company.through(company.company.deps, changes);
  const release = await newest();
  if (release === undefined || release.number === before) {
    return { release: undefined, lastWord, written };
  }
  const until = (is: (now: RolloutDetails) => boolean): Promise<RolloutDetails> =>
    company.until((_state, now) => is(now), release.id, next, changes);
  const now = await until((one) => isOver(one) || one.state === "waiting");
  if (now.state === "waiting") {
    // Whoever was about to take it back does so again.
    await company.act(now.id, "abort", {}, next);
  }
  return { release: await until(isOver), lastWord, written };
}

/** Dies there, and looks at what is left. Answers how it was. */
async function mustSurvive(at: number | Moment, life: Life): Promise<Death> {
  const death = await dieAt(at, life);
  const { release, lastWord } = death;
  const what = `died before write ${death.written}, ${lastWord}`;
  await mustBeOwned(what, release ?? { state: "rolled-back", headline: "not begun", number: 0 });
  if (release?.state === "completed") {
    // For the next one to begin with.
    await company.act(release.id, "undo");
    await mustBeOwned(`${what}, undone`, await company.ended(release.id));
  }
  return death;
}

/** What the route says is what the release that ended last left behind, and nothing else. */
async function mustBeOwned(
  what: string,
  { state, headline, number }: Pick<RolloutDetails, "state" | "headline" | "number">,
): Promise<void> {
  // State, history and audit went together: begun once, and ended once each time.
  const { db } = company.company.database;
  const records = await db.auditRecord.findMany({ where: { object: { startsWith: `release ${number}:` } } });
  const of = (wanted: string): number => records.filter(({ action }) => action === wanted).length;
  expect({ what, begun: of("rollout-start"), ended: of("rollout-ended") }).toEqual({
    what,
    begun: number === 0 ? 0 : 1,
    ended: number === 0 ? 0 : state === "undone" ? 2 : 1,
  });
  // Nothing keeps the shares from being changed by a form from now on.
  const held = await db.setting.count({ where: { key: { startsWith: "held-shares/" } } });
  expect({ what, held }).toEqual({ what, held: 0 });
  // Pods that it started are gone, and nobody is asked any more what is not wanted.
  const pods = { apiVersion: "apps/v1", kind: "Deployment", ...service, name: "purchase-history-v2" };
  const asked = await db.change.count({ where: { state: "waiting" } });
  expect({ what, pods: await company.company.cluster.read(pods), asked }).toEqual({ what, pods: undefined, asked: 0 });
  expect({ what, headline, share: (await company.canaryShare()) ?? 0 }).toEqual({
    what,
    headline,
    share: state === "completed" ? 100 : 0,
  });
}

const reach = async (
  { rollouts, changes }: Parameters<Life>[0],
  is: (release: RolloutDetails) => boolean,
): Promise<RolloutDetails> => {
  const release = await newest();
  return company.until((_state, now) => is(now), release?.id ?? "", rollouts, changes);
};

const lives: Readonly<Record<string, Life>> = {
  "begins, is judged, completes, is undone": async (portal) => {
    await company.start({}, portal.rollouts);
    const { id } = await reach(portal, isOver);
    await company.act(id, "undo", {}, portal.rollouts);
    await reach(portal, isOver);
  },
  "begins, is promoted and aborted": async (portal) => {
    await company.start(
      { steps: [{ weight: 10 }, { weight: 50 }, { weight: 100 }], analysis: { passes: 50, maxMinutes: 4 } },
      portal.rollouts,
    );
    const { id } = await reach(portal, ({ weight, state }) => state === "running" && weight === 10);
    await company.act(id, "promote", {}, portal.rollouts);
    await reach(portal, ({ weight, state }) => state === "running" && weight === 50);
    await company.act(id, "abort", {}, portal.rollouts);
    await reach(portal, isOver);
  },
  "waits for another team, and is taken back": async (portal) => {
    await company.start({}, portal.rollouts, dana);
    const { id } = await reach(portal, ({ state }) => state === "waiting");
    await company.act(id, "abort", {}, portal.rollouts);
    await reach(portal, isOver);
  },
};

describe("a portal process that dies during the life of a release", { timeout: 900_000 }, () => {
  test.for(Object.entries(lives))(
    "%s: at whatever write, the next one takes it to an end, and owns what calls do",
    async ([, life]) => {
      const words = new Set<string>();
      for (let at = 0, lived = false; !lived; at++) {
        const { lastWord } = await mustSurvive(at, life);
        words.add(lastWord);
        lived = lastWord === "";
      }
      expect(words.size).toBeGreaterThan(3);
    },
  );

  describe("starts pods of its own, is judged and fails", () => {
    const life: Life = async (portal) => {
      company.verdict = "fail";
      await company.start({ start: { image: "towpath/purchase-history:v2" } }, portal.rollouts);
      await reach(portal, isOver);
    };
    const isOfPods = (verb: string, word = ""): boolean => word.startsWith(verb) && word.includes('"Deployment"');

    test.for(["apply", "remove"])("dies around the %s of those pods: they are gone in the end", async (verb) => {
      const moments: Readonly<Record<string, Moment>> = {
        "the write itself": (word) => isOfPods(verb, word),
        "the write that follows": (_word, before) => isOfPods(verb, before.at(-1)),
        "the one after that": (_word, before) => isOfPods(verb, before.at(-2)),
      };
      for (const [name, moment] of Object.entries(moments)) {
        expect({ name, died: (await mustSurvive(moment, life)).lastWord !== "" }).toEqual({ name, died: true });
      }
    });
  });
});
