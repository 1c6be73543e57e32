/** Answers with each request as `node:http` understood it and remembers all of them: GET /__seen lists them. */
import { createServer } from "node:http";
import process from "node:process";

const seen: string[] = [];
createServer((request, response) => {
  let length = 0;
  request.on("data", (chunk: Buffer) => {
    length += chunk.length;
  });
  // What breaks off before its end was never a request.
  request.on("end", () => {
    if (request.url === "/__seen") {
      response.end(JSON.stringify(seen));
      return;
    }
    const line = `${request.method} ${request.url} ${length}`;
    seen.push(line);
    response.end(line);
  });
}).listen(Number(process.env["PORT"]), "127.0.0.1");
