/**
 * The destination's side of the benchmark: an HBONE server that answers HTTP/1.1 in its tunnels with 1 KiB, with as
 * little work as possible. `node hbone-backend.ts <certificates.json>`; prints its port.
 */
import { readFileSync } from "node:fs";
import process from "node:process";
import type { Duplex } from "node:stream";
import { closeWithParent } from "../../mesh-runtime/common/lifetime.ts";
import { ports } from "../../mesh-runtime/common/ports.ts";
import { startHboneServer } from "../../mesh-runtime/hbone/server.ts";
import { backendAddress } from "./bench-config.ts";
import type { BenchCertificates } from "./certificates.ts";

const { backend } = JSON.parse(readFileSync(process.argv[2] ?? "", "utf8")) as BenchCertificates;
const endOfHead = Buffer.from("\r\n\r\n");
const answer = Buffer.from(
  `HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: 1024\r\n\r\n${"x".repeat(1024)}`,
);

function serve(stream: Duplex): void {
  let held: Buffer = Buffer.alloc(0);
  stream.on("error", () => undefined);
  stream.on("data", (chunk: Buffer) => {
    held = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
    for (let end = held.indexOf(endOfHead); end !== -1; end = held.indexOf(endOfHead)) {
      held = held.subarray(end + 4);
      stream.write(answer);
    }
  });
  stream.on("end", () => stream.end());
}

const server = await startHboneServer({
  host: backendAddress,
  port: ports.hbone,
  certificate: backend,
  trustDomain: "cluster.local",
  onTunnel: (tunnel) => serve(tunnel.accept()),
  onRefused: ({ detail }) => console.error(detail),
});
console.log(JSON.stringify({ port: server.port }));
closeWithParent({ close: () => server.close() });
