/** Calls another service and answers nothing that says who it is, nor passes on what it was asked with. */
import { call } from "../../demo/workloads/call.ts";
import { serve } from "../../demo/workloads/server.ts";

const url = new URL(process.argv[2] ?? "");

await serve(Number(process.env["PORT"] ?? 8080), async (request, response) => {
  request.resume();
  if (request.url === "/healthz") {
    response.end("ok\n");
    return;
  }
  const { status } = await call({ url, timeoutMs: 5_000 });
  response.writeHead(status === 200 ? 200 : 502).end("done\n");
});
