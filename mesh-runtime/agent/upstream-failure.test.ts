import { once } from "node:events";
import { Agent, createServer, type RequestListener } from "node:http";
import { connect, createServer as createTcpServer, type Socket } from "node:net";
import { text } from "node:stream/consumers";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { TestAuthority } from "../hbone/test-authority.suite.ts";
import { workload } from "./test-node.suite.ts";
import { call, clientAddress, serverAddress, twoNodes, type World } from "./two-nodes.suite.ts";

let authority: TestAuthority;
const closing: (() => unknown)[] = [];
const url = "http://server.server/";

beforeAll(async () => {
  authority = await TestAuthority.create();
});
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) {
    await close();
  }
});

async function enrolled(application: Parameters<typeof twoNodes>[2]): Promise<World> {
  const world = await twoNodes(authority, closing, application);
  await world.enrol("server");
  await world.enrol("client");
  return world;
}

const oneAgent = (): Agent => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  closing.push(() => agent.destroy());
  return agent;
};

describe("a server that closes a kept connection as the next request comes", () => {
  /** Answers the first request of each connection, then drops it at the next. */
  const dropsSecond = () => {
    let connections = 0;
    const app = createTcpServer((socket: Socket) => {
      connections += 1;
      let requests = 0;
      socket.on("error", () => undefined);
      socket.on("data", () => {
        requests += 1;
        if (requests === 1) {
          socket.write("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
        } else {
          socket.resetAndDestroy();
        }
      });
    });
    return { app, connections: () => connections };
  };

  test.each(["GET", "HEAD", "DELETE"])("%s is asked again, once", async (method) => {
    const { app, connections } = dropsSecond();
    await enrolled(app);
    const agent = oneAgent();
    await call(url, { agent });
    expect((await call(url, { agent, method, headers: { "content-length": "0" } })).status).toBe(200);
    expect(connections()).toBe(2);
  });

  test("POST is not: it may have been carried out", async () => {
    const { app, connections } = dropsSecond();
    const { a } = await enrolled(app);
    const agent = oneAgent();
    await call(url, { agent });
    const { status, body } = await call(url, { agent, method: "POST", body: "x" });
    expect(status).toBe(503);
    expect(body).toBe("upstream closed the connection before it answered\n");
    expect(connections()).toBe(1);
    expect(a.take().requests.find(({ responseCode }) => responseCode === 503)?.responseFlags).toBe("UC");
  });
});

describe("endpoints", () => {
  const hello: RequestListener = (_incoming, response) => void response.end("hello");

  test.each([{ protocol: "HBONE" }, { protocol: "NONE" }] as const)(
    "one that cannot be reached ($protocol) is passed over for another",
    async ({ protocol }) => {
      const { mesh } = await enrolled(hello);
      const dead = workload("dead", serverAddress.replace(/\d+$/, "99"), {
        namespace: "server",
        tunnelProtocol: protocol,
        services: { "server/server.server.svc.cluster.local": [{ servicePort: 80, targetPort: 8080 }] },
      });
      mesh.workload(dead);
      for (let round = 0; round < 12; round += 1) {
        expect((await call(url)).status).toBe(200);
      }
    },
  );

  test("none at all: 503, and the reason is in the flags", async () => {
    const { mesh, a } = await enrolled(hello);
    mesh.change("Kubernetes//Pod/server/server", { status: "UNHEALTHY" });
    expect(await call(url)).toMatchObject({ status: 503, body: "no healthy upstream\n" });
    expect(a.take().requests[0]?.responseFlags).toBe("UH");
  });

  test("an application that does not listen: 503 by mutual TLS and in plain text", async () => {
    const app = createServer(hello);
    const { enrol } = await enrolled(app);
    await new Promise((resolve) => app.close(resolve));
    expect((await call(url)).status).toBe(503);
    await enrol("client", false);
    expect((await call(url)).status).toBe(503);
  });
});

describe("what is no HTTP", () => {
  const answering = (answer: string) =>
    createTcpServer((socket: Socket) => {
      socket.on("error", () => undefined);
      socket.once("data", () => socket.end(answer));
    });

  test.each([
    { name: "an answer in another protocol", answer: "SSH-2.0-OpenSSH_9.6\r\n\r\n", status: 502 },
    {
      name: "two lengths",
      answer: "HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 1\r\n\r\nx",
      status: 502,
    },
    { name: "an end inside the head", answer: "HTTP/1.1 200 OK\r\ncontent-le", status: 503 },
    { name: "nothing", answer: "", status: 503 },
  ])("$name is $status for the caller", async ({ answer, status }) => {
    await enrolled(answering(answer));
    expect((await call(url)).status).toBe(status);
  });

  test("an answer that is cut is cut for the caller too", async () => {
    await enrolled(answering("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf"));
    await expect(call(url)).rejects.toThrow();
  });

  test("bytes after an answer never become the next answer", async () => {
    const app = createTcpServer((socket: Socket) => {
      socket.on("error", () => undefined);
      socket.on("data", () =>
        socket.write("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nokHTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nwrong"),
      );
    });
    await enrolled(app);
    const agent = oneAgent();
    for (let round = 0; round < 3; round += 1) {
      expect((await call(url, { agent })).body).toBe("ok");
    }
  });

  test("a malformed chunk of the request ends it with 400", async () => {
    await enrolled(createServer((incoming) => void incoming.resume()));
    const socket = connect(15001, clientAddress);
    socket.write(`POST ${url} HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n`);
    await once(socket, "ready");
    socket.write("zz\r\n");
    expect(await text(socket)).toMatch(/^HTTP\/1.1 400 /);
  });

  test("a body until the end of the connection is whole, and chunked for the caller", async () => {
    await enrolled(answering("HTTP/1.1 200 OK\r\n\r\nuntil the end"));
    const { body, message } = await call(url);
    expect(body).toBe("until the end");
    expect(message.headers["transfer-encoding"]).toBe("chunked");
  });

  test("an HTTP/1.0 caller gets its answer, ended by the connection", async () => {
    await enrolled(
      createServer((_incoming, response) => {
        response.write("a");
        response.end("b");
      }),
    );
    const socket = connect(15001, clientAddress);
    socket.write(`GET ${url} HTTP/1.0\r\n\r\n`);
    expect(await text(socket)).toMatch(/connection: close\r\n\r\nab$/);
  });

  test("a caller that leaves takes its request along", async () => {
    const left = Promise.withResolvers<void>();
    const arrived = Promise.withResolvers<void>();
    const { a } = await enrolled((incoming) => {
      arrived.resolve();
      incoming.socket.once("close", () => left.resolve());
    });
    const socket = connect(15001, clientAddress);
    socket.on("error", () => undefined);
    socket.write(`GET ${url} HTTP/1.1\r\nhost: x\r\n\r\n`);
    await arrived.promise;
    socket.resetAndDestroy();
    await left.promise;
    expect(a.take().requests[0]).toMatchObject({ responseCode: 0, responseFlags: "DC" });
  });
});
