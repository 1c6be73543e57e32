import type { IncomingMessage } from "node:http";
import { Readable } from "node:stream";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { eventsOf } from "./event-stream.mjs";

/** An answer in these pieces. */
const answerOf = (pieces: readonly Buffer[]): IncomingMessage =>
  Object.assign(Readable.from(pieces, { objectMode: false }), { setTimeout() {} }) as unknown as IncomingMessage;

const read = async (pieces: readonly Buffer[]): Promise<{ event: string; data: string }[]> => {
  const events: { event: string; data: string }[] = [];
  for await (const one of eventsOf(answerOf(pieces))) {
    events.push(one);
  }
  return events;
};

test("events come out as they went in, wherever the network cuts them", async () => {
  const line = fc.string({ unit: "grapheme" }).map((text) => text.replaceAll(/[\r\n\ufeff]/g, ""));
  await fc.assert(
    fc.asyncProperty(fc.array(line, { maxLength: 5 }), fc.array(fc.nat(400), { maxLength: 8 }), async (texts, cuts) => {
      const bytes = Buffer.from(`: open\n\n${texts.map((data) => `event: rollout\ndata: ${data}\n\n`).join("")}`);
      const at = [0, ...cuts.filter((cut) => cut < bytes.length).sort((a, b) => a - b), bytes.length];
      const pieces = at.slice(1).map((end, index) => bytes.subarray(at[index], end));
      expect(await read(pieces)).toEqual(texts.map((data) => ({ event: "rollout", data })));
    }),
    { numRuns: 200 },
  );
});

test("comments and an event that broke off are none", async () => {
  expect(await read([Buffer.from(": keep-alive\n\ndata: a\ndata: b\n\nevent: rollout\ndata: {")])).toEqual([
    { event: "message", data: "a\nb" },
  ]);
});
