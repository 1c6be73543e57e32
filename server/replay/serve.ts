/** The thread: takes what it is told and answers questions in the order in which they come. */
import { parentPort, workerData } from "node:worker_threads";
import { createPool } from "@/server/db/pool.ts";
import { createLog } from "@/server/log.ts";
import type { FromThread, ThreadData, ToThread } from "./messages.ts";
import { Replay } from "./replay.ts";

const tidyEveryMs = 10_000;
const catchUpEveryMs = 60_000;

const log = createLog("replay");
const port = parentPort;
if (port === null) {
  throw new Error("this runs in a thread of the portal only");
}
// Given by `replay-thread.ts`.
const { databaseUrl, trustDomain } = workerData as ThreadData;
const replay = new Replay(createPool(databaseUrl, log), trustDomain);

const catchUp = (): void => {
  replay
    .catchUp(Date.now())
    .catch((error: unknown) => log.warn("cannot read what was observed earlier", { error: String(error) }));
};
catchUp();
setInterval(catchUp, catchUpEveryMs);
setInterval(() => replay.tidy(Date.now()), tidyEveryMs);

port.on("message", (message: ToThread) => {
  const answer = (from: FromThread): void => port.postMessage(from);
  if (message.kind === "ping") {
    answer({ pong: message.id });
    return;
  }
  if (message.kind !== "question") {
    replay.take(message);
    return;
  }
  const { id, question } = message;
  replay.answer(question).then(
    (given) => answer({ id, ...given }),
    (error: unknown) =>
      answer({ id, problem: "calculation", message: error instanceof Error ? (error.stack ?? error.message) : "" }),
  );
});
