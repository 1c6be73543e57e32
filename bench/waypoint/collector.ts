/** A telemetry collector that takes everything and keeps nothing. `node collector.ts`; prints its port. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { closeWithParent } from "../../mesh-runtime/common/lifetime.ts";

const server = createServer((request, response) => {
  request.resume();
  request.on("end", () =>
    response.writeHead(200, { "content-length": 2, "content-type": "application/json" }).end("{}"),
  );
});
server.listen(0, "127.0.0.1", () => console.log(JSON.stringify({ port: (server.address() as AddressInfo).port })));
closeWithParent({
  close: async () => {
    server.closeAllConnections();
    server.close();
  },
});
