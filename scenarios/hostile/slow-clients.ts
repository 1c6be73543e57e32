/**
 * Many slow clients in one process. Arguments: host, port, how many, what they are slow at. Prints `held <open>` once all
 * are connected and have sent what they send at first, and ends with its stdin. Those of `crumbs` make a request first and
 * begin the next one when all have connected, so that how fast this machine connects them decides nothing.
 */
import { connect, type Socket } from "node:net";
import process from "node:process";

export type Slowness = "heads" | "crumbs" | "bodies" | "answers";

const [host = "", port = "0", count = "0", slowness = "heads"] = process.argv.slice(2);
const head = "GET /slow HTTP/1.1\r\nHost: server.test\r\n";
const sent: Record<string, string> = {
  heads: `${head}X-Filler: ${"x".repeat(48_000)}`,
  bodies: `POST /slow HTTP/1.1\r\nHost: server.test\r\nContent-Length: 10000000\r\n\r\n${"x".repeat(60_000)}`,
  crumbs: "GET /first HTTP/1.1\r\nHost: nobody.test\r\n\r\n",
  answers: `GET /slow?bytes=1000000 HTTP/1.1\r\nHost: server.test\r\n\r\n`,
};
const bytes = Buffer.from(sent[slowness] ?? "");
const open = new Set<Socket>();

function add(): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect({ host, port: Number(port) });
    if (slowness === "crumbs") {
      socket.once("data", () => resolve());
    } else {
      // Never read: what comes stays with the sender.
      socket.pause();
    }
    socket.on("error", () => undefined);
    socket.on("close", () => {
      open.delete(socket);
      resolve();
    });
    socket.on("connect", () => {
      open.add(socket);
      if (slowness === "crumbs") {
        socket.write(bytes);
        return;
      }
      socket.write(bytes, () => resolve());
      // A slow client whose writes are not taken is as good.
      setTimeout(resolve, 2_000).unref();
    });
  });
}

const batch = 200;
for (let started = 0; started < Number(count); started += batch) {
  await Promise.all(Array.from({ length: Math.min(batch, Number(count) - started) }, add));
}
if (slowness === "crumbs") {
  const begun = [...open].map((socket) => new Promise<void>((resolve) => socket.write(head, () => resolve())));
  await Promise.all(begun);
}
console.log(`held ${open.size}`);
process.stdin.resume().on("end", () => process.exit(0));
