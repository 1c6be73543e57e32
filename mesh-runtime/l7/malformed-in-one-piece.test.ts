import { afterEach, expect, test } from "vitest";
import { closeOpened, exchangeRaw, startRawBackend, startRig, workload } from "./engine-rig.suite.ts";

afterEach(closeOpened);

test.each([
  ["a chunk size with a sign", "-1\r\nx\r\n0\r\n\r\n"],
  ["a chunk that is longer than it says", "1\r\nxy\r\n0\r\n\r\n"],
  ["chunks that end with LF alone", "0\n\n"],
])("nothing of a request goes on when its head comes in one piece with %s", async (_what, body) => {
  let received = "";
  const port = await startRawBackend((socket) => {
    socket.on("data", (data) => {
      received += data.toString("latin1");
      socket.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    });
  });
  const rig = await startRig([workload("a", port)]);
  // A kept connection to the server: the next request is written at once.
  await exchangeRaw(rig, "GET /first HTTP/1.1\r\nHost: web\r\nConnection: close\r\n\r\n");
  const answer = await exchangeRaw(rig, `POST /p HTTP/1.1\r\nHost: web\r\nTransfer-Encoding: chunked\r\n\r\n${body}`);
  expect(answer).toMatch(/^HTTP\/1\.1 400 /);
  expect(received).toContain("GET /first");
  expect(received).not.toContain("POST");
});
