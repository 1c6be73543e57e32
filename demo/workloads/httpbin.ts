/** An HTTP request and response service in the manner of httpbin.org, for what its callers' policies are tried on. */
import { httpbinHandler } from "./httpbin-routes.ts";
import { serve, stopOnSignal } from "./server.ts";

const { server, port } = await serve(Number(process.env["PORT"] ?? 8000), httpbinHandler);
console.log(`httpbin listens on 127.0.0.1:${port}`);
stopOnSignal(server);
