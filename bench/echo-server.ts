/** Answers every request with 1 KiB. A pod of the benchmark; `PORT` says where it listens. */
import { createServer } from "node:http";
import { closeWithParent } from "../mesh-runtime/common/lifetime.ts";

const body = Buffer.alloc(1_024, "x");
const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
  request.resume();
  response.writeHead(200, { "content-type": "text/plain", "content-length": body.length });
  response.end(body);
});
server.listen(Number(process.env["PORT"] ?? 0), "127.0.0.1", () => {
  const address = server.address();
  console.log(JSON.stringify({ event: "listen", port: typeof address === "object" ? address?.port : 0 }));
});
closeWithParent({ close: async () => void server.close() });
