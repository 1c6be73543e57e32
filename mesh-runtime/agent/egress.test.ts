import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { afterEach, beforeAll, expect, test } from "vitest";
import { type InboundTunnel, startHboneServer } from "../hbone/server.ts";
import { TestAuthority } from "../hbone/test-authority.suite.ts";
import { service, testAddresses, workload } from "./test-node.suite.ts";
import { call, clientAddress, twoNodes } from "./two-nodes.suite.ts";

let authority: TestAuthority;
const closing: (() => unknown)[] = [];
const waypointAddress = testAddresses()(20);
const hostname = "egress.egress.svc.cluster.local";

beforeAll(async () => {
  authority = await TestAuthority.create();
});
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) {
    await close();
  }
});

/** A client in the mesh, and a waypoint that answers every tunnel with one line; says which tunnels came. */
async function setting() {
  const tunnels: string[] = [];
  const onTunnel = ({ connection, host, port, accept }: InboundTunnel): void => {
    tunnels.push(`${connection.principal} ${host}:${port}`);
    const stream = accept();
    stream.on("error", () => undefined);
    stream.on("data", () => stream.write("HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\noutside"));
  };
  const waypoint = await startHboneServer({
    host: waypointAddress,
    port: 15008,
    certificate: await authority.issue("spiffe://cluster.local/ns/egress/sa/egress"),
    trustDomain: "cluster.local",
    onTunnel,
    onRefused: () => undefined,
  });
  closing.push(() => waypoint.close());
  const { mesh, a, enrol } = await twoNodes(authority, closing, (_request, response) => void response.end());
  await enrol("client");
  mesh.workload(
    workload("egress", waypointAddress, {
      tunnelProtocol: "HBONE",
      nativeTunnel: true,
      services: { [`egress/${hostname}`]: [{ servicePort: 15008, targetPort: 15008 }] },
    }),
  );
  mesh.service(service("egress"));
  a.outside.apply({
    upserted: [
      {
        name: "egress/ledger/ledger.example",
        value: {
          kind: "destination",
          destination: {
            namespace: "egress",
            name: "ledger",
            host: "ledger.example",
            addresses: ["240.240.0.1"],
            ports: [80, 443],
            waypoint: { namespace: "egress", hostname, port: 15008 },
            missingWaypoint: "",
            visibleTo: [],
            createdAtMs: 0,
            endpoints: [],
          },
        },
      },
    ],
    removed: [],
    initial: true,
  });
  return { node: a, tunnels };
}

const caller = "cluster.local/ns/client/sa/client";

function dial(): Socket {
  const socket = connect(15001, clientAddress);
  socket.on("error", () => undefined);
  closing.push(() => socket.destroy());
  return socket;
}
const next = async (socket: Socket): Promise<Buffer> => ((await once(socket, "data")) as [Buffer])[0];

test("a request to a host outside reaches its waypoint as the caller, by the host's name", async () => {
  const { node, tunnels } = await setting();
  expect(await call("http://ledger.example/x")).toMatchObject({ status: 200, body: "outside" });
  expect(await call("http://240.240.0.1/x")).toMatchObject({ status: 200 });
  // The second found the first one's connection: by whatever name, it is the same destination.
  expect(tunnels).toEqual([`${caller} ledger.example:80`]);
  expect(node.take().requests[0]?.labels).toMatchObject({
    destination_service: "ledger.example",
    destination_workload: "egress",
    connection_security_policy: "mutual_tls",
  });
});

test("so does what comes by CONNECT", async () => {
  const { tunnels } = await setting();
  const socket = dial();
  socket.write("CONNECT ledger.example:443 HTTP/1.1\r\nHost: ledger.example:443\r\n\r\n");
  expect(String(await next(socket))).toMatch(/^HTTP\/1\.1 200 /);
  socket.write("hello");
  expect(String(await next(socket))).toMatch(/outside$/);
  expect(tunnels).toEqual([`${caller} ledger.example:443`]);
});

test("and by SOCKS5 with a name", async () => {
  const { tunnels } = await setting();
  const socket = dial();
  const name = Buffer.from("ledger.example");
  socket.write(Buffer.from([5, 1, 0]));
  expect(await next(socket)).toEqual(Buffer.from([5, 0]));
  socket.write(Buffer.concat([Buffer.from([5, 1, 0, 3, name.length]), name, Buffer.from([1, 187])]));
  expect((await next(socket)).subarray(0, 2)).toEqual(Buffer.from([5, 0]));
  socket.write("hello");
  expect(String(await next(socket))).toMatch(/outside$/);
  expect(tunnels).toEqual([`${caller} ledger.example:443`]);
});
