import { once } from "node:events";
import { connect } from "node:net";
import { afterEach, expect, test } from "vitest";
import { startMonitoringServer } from "./monitoring-server.ts";
import { closeOpened, opened } from "./proxy-fixtures.suite.ts";

afterEach(closeOpened);

test("connections that ask nothing do not keep the readiness probe out", async () => {
  const page = () => ({ status: 200, contentType: "text/plain", body: "ready\n" });
  const server = await startMonitoringServer("127.0.0.1", 0, { "/healthz/ready": page });
  opened.push(server);
  const silent = await Promise.all(
    Array.from({ length: 100 }, async () => {
      const socket = connect({ host: "127.0.0.1", port: server.port });
      socket.on("error", () => undefined);
      opened.push({ close: () => socket.destroy() });
      await once(socket, "connect");
      return socket;
    }),
  );
  expect(silent).toHaveLength(100);
  const answer = await fetch(`http://127.0.0.1:${server.port}/healthz/ready`);
  expect([answer.status, await answer.text()]).toEqual([200, "ready\n"]);
});
