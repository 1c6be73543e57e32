import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { TestAuthority } from "../hbone/test-authority.suite.ts";
import type { Outside } from "../xds/outside.ts";
import { outsideType } from "../xds/outside-type.ts";
import { listen, type TestNode } from "./test-node.suite.ts";
import { call, clientAddress, serverAddress, twoNodes } from "./two-nodes.suite.ts";

let authority: TestAuthority;
const closing: (() => unknown)[] = [];

beforeAll(async () => {
  authority = await TestAuthority.create();
});
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) {
    await close();
  }
});

const tell = ({ outside }: TestNode, ...resources: Outside[]): void => {
  outside.apply({
    upserted: resources.map((value) => ({ name: outsideType.name(value), value })),
    removed: [],
    initial: false,
  });
};

const only: Outside = { kind: "policy", mode: "REGISTRY_ONLY" };

/** A client in the mesh, and a server outside that answers each connection with one line. */
async function setting() {
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket);
    socket.on("error", () => undefined);
    socket.on("data", () => socket.write("HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\noutside"));
  });
  const port = await listen(server);
  closing.push(() => {
    for (const socket of open) {
      socket.destroy();
    }
    server.close();
  });
  const world = await twoNodes(authority, closing, (_request, response) => void response.end());
  await world.enrol("client");
  const listed = {
    kind: "destination",
    destination: {
      namespace: "egress",
      name: "ledger",
      host: "ledger.example",
      addresses: [],
      ports: [80],
      missingWaypoint: "",
      visibleTo: [],
      createdAtMs: 0,
      endpoints: [{ host: "127.0.0.1", ports: { 80: port } }],
    },
  } as const satisfies Outside;
  return { node: world.a, listed, enrol: world.enrol };
}

/** Says something and waits for an answer or the end. */
async function raw(bytes: string | Buffer): Promise<Buffer> {
  const socket = connect(15001, clientAddress);
  closing.push(() => socket.destroy());
  socket.on("error", () => undefined);
  socket.write(bytes);
  const [first] = (await once(socket, "data")) as [Buffer];
  return first;
}

describe("a destination outside that is listed", () => {
  test("is reached at the endpoint that is named, and is its host in telemetry", async () => {
    const { node, listed } = await setting();
    tell(node, only, listed);
    expect(await call("http://ledger.example/x")).toMatchObject({ status: 200, body: "outside" });
    expect(node.take().requests[0]?.labels).toMatchObject({
      reporter: "source",
      source_workload: "client",
      destination_service: "ledger.example",
    });
  });
});

describe("a ServiceEntry", () => {
  test("is no way to a pod past its policies", async () => {
    const { node, listed } = await setting();
    const pod = { host: serverAddress, ports: { 80: 8080 } };
    tell(node, { ...listed, destination: { ...listed.destination, endpoints: [pod] } });
    expect((await call("http://ledger.example/x")).status).toBe(403);
  });
});

describe("where only listed destinations may be called", () => {
  test("a request to another is answered 403 and told as a refusal", async () => {
    const { node } = await setting();
    tell(node, only);
    expect(await call("http://ledger.example/x")).toMatchObject({
      status: 403,
      body: expect.stringContaining("is not listed"),
    });
    const { denials } = node.take();
    expect(denials[0]).toMatchObject({
      reason: "destination-not-listed",
      hop: "agent",
      destinationPort: 80,
      answer: 403,
      labels: { source_principal: "spiffe://cluster.local/ns/client/sa/client", destination_service: "ledger.example" },
    });
  });

  test("CONNECT to another is answered 403", async () => {
    const { node } = await setting();
    tell(node, only);
    expect((await raw("CONNECT ledger.example:443 HTTP/1.1\r\nHost: ledger.example:443\r\n\r\n")).toString()).toMatch(
      /^HTTP\/1\.1 403 /,
    );
    expect(node.take().denials[0]).toMatchObject({ reason: "destination-not-listed", destinationPort: 443 });
  });

  test("SOCKS5 to another is not allowed by ruleset", async () => {
    const { node } = await setting();
    tell(node, only);
    const name = Buffer.from("ledger.example");
    const socket = connect(15001, clientAddress);
    closing.push(() => socket.destroy());
    socket.write(Buffer.from([5, 1, 0]));
    expect(((await once(socket, "data")) as [Buffer])[0]).toEqual(Buffer.from([5, 0]));
    socket.write(Buffer.concat([Buffer.from([5, 1, 0, 3, name.length]), name, Buffer.from([1, 187])]));
    expect(((await once(socket, "data")) as [Buffer])[0].subarray(0, 2)).toEqual(Buffer.from([5, 2]));
  });

  test("a connection that is open to a destination is cut when it is listed no more", async () => {
    const { node, listed } = await setting();
    tell(node, only, listed);
    const socket = connect(15001, clientAddress);
    closing.push(() => socket.destroy());
    const closed = new Promise((resolve) => socket.once("close", resolve));
    socket.on("error", () => undefined);
    socket.write("CONNECT ledger.example:80 HTTP/1.1\r\nHost: ledger.example\r\n\r\n");
    expect(String((await once(socket, "data"))[0])).toMatch(/^HTTP\/1\.1 200 /);
    node.outside.apply({ upserted: [], removed: [outsideType.name(listed)], initial: false });
    node.dialer.recheckOutside();
    await closed;
  });
});
