/** Replays in this very process, for tests that are about something else and to compare the thread with. */
import type { Pool } from "@/server/db/pool.ts";
import { onlyEdge } from "@/server/impact/edge-names.ts";
import type { TelemetryMemory } from "@/server/telemetry/memory.ts";
import { MemoryFeed } from "./memory-feed.ts";
import { ObjectsFeed } from "./objects-feed.ts";
import { Replay, type ReplayOptions } from "./replay.ts";
import type { ReplayThread } from "./replay-thread.ts";

export function replayHere(
  pool: Pool,
  telemetry: Pick<TelemetryMemory, "shapes" | "names">,
  options: ReplayOptions = {},
): Pick<ReplayThread, "assess"> & { readonly replay: Replay } {
  const replay = new Replay(pool, "cluster.local", { freshMs: 0, ...options });
  const shapes = new MemoryFeed(telemetry.shapes, {
    describe: ({ labels, destinationPort, method, path }) => ({
      labels: onlyEdge(labels),
      destinationPort,
      method,
      path,
    }),
    send: (fed) => replay.take({ kind: "shapes", fed }),
  });
  const names = new MemoryFeed(telemetry.names, {
    describe: (identity) => identity,
    send: (fed) => replay.take({ kind: "names", fed }),
  });
  const objectsFeed = new ObjectsFeed((fed) => replay.take({ kind: "objects", fed }));
  const filled = Promise.all([shapes.fill(Date.now()), names.fill(Date.now())]);
  return {
    replay,
    async assess(question, objects) {
      await Promise.all([filled, objectsFeed.tell(objects)]);
      shapes.flush();
      names.flush();
      const answer = await replay.answer(question);
      if ("problem" in answer) {
        throw new Error(answer.message);
      }
      return answer.impact;
    },
  };
}
