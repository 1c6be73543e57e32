import { existsSync } from "node:fs";
import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { KubeObject } from "../mesh-runtime/api/meta.ts";
import { root } from "../supervisor/config.ts";
import { gatewayAddress } from "./conformance/place.ts";
import { block, endHeaders, endStream, frame, frames, requestFrames } from "./hostile/frames.ts";
import { Peer } from "./hostile/peer.ts";
import { dropped, malformed } from "./hostile/requests.ts";
import { giveWaypoint, manifests } from "./manifests.ts";
import { TestMesh } from "./mesh.ts";
import { namespace, pod, podCaptured, podReady, serviceAccount } from "./workloads.ts";

/**
 * Requests that two parsers may read differently, sent through the gateway and through a waypoint, in HTTP/1 and in
 * HTTP/2, to servers with parsers of their own. Each is refused, or arrives at every server as the one request that was
 * judged; never as two, and never so that the next client gets somebody else's answer.
 */
const at = "parsers";
const backends = {
  node: ["node", `${root}/scenarios/backends/recorder.ts`],
  python: ["python3", `${root}/scenarios/backends/recorder.py`],
  nginx: ["node", `${root}/scenarios/backends/recorder-nginx.ts`],
} as const;
type Backend = keyof typeof backends;
/** `npm test` installs it where it may, and says here where it is. */
const nginx = process.env["TOWPATH_NGINX"] ?? (existsSync("/usr/sbin/nginx") ? "/usr/sbin/nginx" : "");
const names = (Object.keys(backends) as Backend[]).filter((name) => name !== "nginx" || nginx !== "");

let mesh: TestMesh;
let gateway: { readonly host: string; readonly port: number };

const backendPod = (name: Backend): KubeObject => {
  const object = pod(at, name, "node-a", "local", 8080) as KubeObject & { spec: { containers: object[] } };
  object.spec.containers = [
    {
      name,
      image: "local",
      command: backends[name],
      env: [{ name: "NGINX", value: nginx }],
      ports: [{ containerPort: 8080 }],
    },
  ];
  return object;
};

beforeAll(async () => {
  mesh = await TestMesh.start();
  await mesh.apply(
    namespace(at, true),
    namespace("istio-ingress", false),
    ...names.map((name) => serviceAccount(at, name)),
    ...names.map(backendPod),
    ...manifests(`
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: ingress, namespace: istio-ingress }
spec: { gatewayClassName: istio, listeners: [{ name: http, port: 80, protocol: HTTP, allowedRoutes: { namespaces: { from: All } } }] }
`),
    ...names.flatMap((name) =>
      manifests(`
apiVersion: v1
kind: Service
metadata: { name: ${name}, namespace: ${at} }
spec: { selector: { app: ${name} }, ports: [{ name: http, port: 8080, targetPort: 8080 }] }
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: ${name}, namespace: ${at} }
spec:
  parentRefs: [{ name: ingress, namespace: istio-ingress }]
  hostnames: [${name}.test]
  rules: [{ backendRefs: [{ name: ${name}, port: 8080 }] }]
`),
    ),
  );
  for (const name of names) {
    await podReady(mesh, at, name);
    await podCaptured(mesh, at, name);
  }
  const { hostname, port } = new URL(mesh.towpath.facts.gateway);
  gateway = { host: hostname, port: Number(port) };
  for (const name of names) {
    await reachable(name);
  }
});
afterAll(async () => {
  await mesh?.[Symbol.asyncDispose]();
});

/** Everything that comes back on one connection until it ends, or until `quietMs` pass without a byte. */
function raw(bytes: string | Buffer, quietMs = 400): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(gateway);
    let text = "";
    socket.setTimeout(quietMs, () => socket.destroy());
    socket.on("data", (chunk: Buffer) => {
      text += chunk.toString("latin1");
    });
    socket.on("error", () => undefined);
    socket.on("close", () => resolve(text));
    socket.write(bytes);
  });
}

const statuses = (text: string): string[] => [...text.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, code]) => code ?? "");
const simple = (name: Backend, path: string): Promise<string> =>
  raw(`GET ${path} HTTP/1.1\r\nHost: ${name}.test\r\nConnection: close\r\n\r\n`, 5_000);

async function reachable(name: Backend): Promise<void> {
  const deadline = performance.now() + 20_000;
  while (!(await simple(name, "/up")).startsWith("HTTP/1.1 200")) {
    if (performance.now() > deadline) {
      throw new Error(`${name} cannot be reached through the gateway`);
    }
  }
}

const seen = async (name: Backend): Promise<string> =>
  (await simple(name, "/__seen")).split("\r\n\r\n").slice(1).join("");

const hidden = "GET /smuggled HTTP/1.1\r\nHost: x.test\r\n\r\n";
const chunkedHidden = `${hidden.length.toString(16)}\r\n${hidden}\r\n0\r\n\r\n`;

/** `H` stands for the host. */
const requests: readonly (readonly [string, string])[] = [
  ["CL.TE", `POST /p HTTP/1.1\r\nHost: H\r\nContent-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${hidden}`],
  ["TE.CL", `POST /p HTTP/1.1\r\nHost: H\r\nTransfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n${chunkedHidden}`],
  [
    "TE.TE obscured",
    `POST /p HTTP/1.1\r\nHost: H\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: cow\r\n\r\n0\r\n\r\n${hidden}`,
  ],
  [
    "TE with a tab",
    `POST /p HTTP/1.1\r\nHost: H\r\nTransfer-Encoding:\tchunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n${hidden}`,
  ],
  ["TE with a vertical tab", `POST /p HTTP/1.1\r\nHost: H\r\nTransfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n${hidden}`],
  [
    "CL.CL differing",
    `POST /p HTTP/1.1\r\nHost: H\r\nContent-Length: 0\r\nContent-Length: ${hidden.length}\r\n\r\n${hidden}`,
  ],
  ["CL list", `POST /p HTTP/1.1\r\nHost: H\r\nContent-Length: 0, ${hidden.length}\r\n\r\n${hidden}`],
  ["CL with a plus", `POST /p HTTP/1.1\r\nHost: H\r\nContent-Length: +0\r\n\r\n${hidden}`],
  ["CL in hexadecimal", `POST /p HTTP/1.1\r\nHost: H\r\nContent-Length: 0x0\r\n\r\n${hidden}`],
  [
    "CL with white space before the colon",
    `POST /p HTTP/1.1\r\nHost: H\r\nContent-Length : ${hidden.length}\r\n\r\n${hidden}`,
  ],
  [
    "TE with white space before the colon",
    `POST /p HTTP/1.1\r\nHost: H\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n${hidden}`,
  ],
  ["bare LF between fields", `GET /p HTTP/1.1\nHost: H\nContent-Length: ${hidden.length}\n\n${hidden}`],
  ["bare LF inside", `POST /p HTTP/1.1\r\nHost: H\r\nX: a\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${hidden}`],
  ["bare CR inside", `POST /p HTTP/1.1\r\nHost: H\r\nX: a\rTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${hidden}`],
  ["obs-fold", `POST /p HTTP/1.1\r\nHost: H\r\nX: a\r\n Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n${hidden}`],
  ["folded TE", `POST /p HTTP/1.1\r\nHost: H\r\nTransfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n${hidden}`],
  [
    "chunk extension with LF",
    `POST /p HTTP/1.1\r\nHost: H\r\nTransfer-Encoding: chunked\r\n\r\n2;\nxx\r\n0\r\n\r\n${hidden}`,
  ],
  [
    "chunk size that overflows",
    `POST /p HTTP/1.1\r\nHost: H\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff1\r\nx\r\n0\r\n\r\n${hidden}`,
  ],
  [
    "chunk size with a sign",
    `POST /p HTTP/1.1\r\nHost: H\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\nx\r\n0\r\n\r\n${hidden}`,
  ],
  [
    "chunk data longer than said",
    `POST /p HTTP/1.1\r\nHost: H\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nxy\r\n0\r\n\r\n${hidden}`,
  ],
  ["chunks ended by LF", `POST /p HTTP/1.1\r\nHost: H\r\nTransfer-Encoding: chunked\r\n\r\n0\n\n${hidden}`],
  ["two Hosts", "GET /p HTTP/1.1\r\nHost: H\r\nHost: other.test\r\n\r\n"],
  ["absolute form against Host", "GET http://other.test/p HTTP/1.1\r\nHost: H\r\n\r\n"],
  ["authority with user information", "GET http://H@other.test/p HTTP/1.1\r\nHost: H\r\n\r\n"],
  ["space in the target", "GET /p /smuggled HTTP/1.1\r\nHost: H\r\n\r\n"],
  ["NUL in a value", "GET /p HTTP/1.1\r\nHost: H\r\nX: a\0b\r\n\r\n"],
  ["NUL in the target", "GET /p\0/smuggled HTTP/1.1\r\nHost: H\r\n\r\n"],
  ["over-long UTF-8 for a slash", "GET /p/%c0%af..%c0%afsmuggled HTTP/1.1\r\nHost: H\r\n\r\n"],
  ["encoded slashes and dots", "GET /p/%2e%2e%2fsmuggled HTTP/1.1\r\nHost: H\r\n\r\n"],
  ["version 0.9", "GET /p\r\n\r\n"],
  ["version 2.0 as text", `GET /p HTTP/2.0\r\nHost: H\r\n\r\n${hidden}`],
  [
    "upgrade to h2c",
    `GET /p HTTP/1.1\r\nHost: H\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA\r\n\r\n${hidden}`,
  ],
  [
    "connection nominates Content-Length",
    `POST /p HTTP/1.1\r\nHost: H\r\nConnection: Content-Length\r\nContent-Length: ${hidden.length}\r\n\r\n${hidden}`,
  ],
  ["body on GET", `GET /p HTTP/1.1\r\nHost: H\r\nContent-Length: ${hidden.length}\r\n\r\n${hidden}`],
  ["a name with a colon and CR", "GET /p HTTP/1.1\r\nHost: H\r\nX\rY: a\r\n\r\n"],
  ["an empty name", "GET /p HTTP/1.1\r\nHost: H\r\n: a\r\n\r\n"],
];

/** `H` made a host. */
const forHost = (template: string, host: string): Buffer =>
  Buffer.from(
    template
      .replaceAll("H\r\n", `${host}\r\n`)
      .replaceAll("Host: H\n", `Host: ${host}\n`)
      .replaceAll("//H@", `//${host}@`),
    "latin1",
  );

/** Bytes of HTTP/2 that an HTTP/1 server would read as more than one request if they were passed on as they are. */
const downgrades = (host: string): readonly (readonly [string, Buffer])[] => {
  const post = [":method", "POST", ":scheme", "http", ":authority", host, ":path", "/h2-wrong"];
  const withBody = (fields: readonly string[], ...more: readonly Buffer[]): Buffer =>
    Buffer.concat([
      requestFrames([...post, ...fields], endHeaders),
      frame(frames.data, more.length === 0 ? endStream : 0, 1, Buffer.from(hidden)),
      ...more,
    ]);
  const trailers = (...fields: readonly string[]): Buffer =>
    frame(frames.headers, endHeaders | endStream, 1, block(fields));
  return [
    ["H2.CL", withBody(["content-length", "0"])],
    ["H2.TE", withBody(["transfer-encoding", "chunked"])],
    ["a length in trailers", withBody(["content-length", "0"], trailers("content-length", String(hidden.length)))],
    ["a path in trailers", withBody([], trailers(":path", "/smuggled"))],
    ...malformed("/h2-wrong", host).map(([what, fields]) => [what, requestFrames(fields)] as const),
  ];
};
/** Fields with more than a value in them: the requests around them may arrive, once each. */
const injections = (host: string): readonly (readonly [string, Buffer])[] =>
  [
    ...dropped("/h2-fields", host),
    [
      "a whole request in a value",
      [":method", "GET", ":scheme", "http", ":authority", host, ":path", "/h2-fields", "x", `a\r\n\r\n${hidden}`],
    ] as const,
  ].map(([what, fields]) => [what, requestFrames(fields)] as const);

/** What a server saw of all these, and that it serves others as before. */
async function downgraded(name: Backend, host: string, send: (bytes: Buffer) => Promise<string>): Promise<void> {
  const before = (await seen(name)).length;
  await Promise.all(downgrades(host).map(async ([, bytes]) => await send(bytes)));
  const all = injections(host);
  const sent = Promise.all(all.map(async ([, bytes]) => await send(bytes)));
  const since = async (): Promise<string> => (await seen(name)).slice(before);
  await expect
    .poll(async () => (await since()).match(/\/h2-fields/g)?.length ?? 0, { timeout: 30_000 })
    .toBeGreaterThanOrEqual(all.length);
  await sent;
  const after = await since();
  expect(after.match(/\/h2-fields/g)).toHaveLength(all.length);
  expect(after).not.toContain("/smuggled");
  expect(after).not.toContain("/h2-wrong");
  expect(statuses(await simple(name, "/victim"))).toEqual(["200"]);
}

describe.each(names)("to a server with the parser of %s", (name) => {
  test.each(requests)("%s", async (_what, template) => {
    const before = await seen(name);
    const answer = await raw(forHost(template, `${name}.test`));
    const victim = await simple(name, "/victim");
    const after = (await seen(name)).slice(before.length);
    // Behind a pipelined request of its own the hidden one is the client's second request: for a host that nobody serves.
    expect(after).not.toContain("/smuggled");
    const arrived = after.split(/\n|", "|","/).filter((line) => line.includes("/p"));
    const accepted = statuses(answer).filter((status) => status === "200");
    expect(arrived.length).toBe(accepted.length);
    expect(arrived.length).toBeLessThanOrEqual(1);
    expect(victim).toContain("/victim");
    expect(statuses(victim)).toEqual(["200"]);
  });
});

describe("from HTTP/2 by the gateway", () => {
  test.concurrent.each(names)("to a server with the parser of %s", async (name) => {
    await downgraded(name, `${name}.test`, (bytes) => raw(bytes, 1_500));
  });
});

describe("by a waypoint", () => {
  let peer: Peer;
  beforeAll(async () => {
    await giveWaypoint(mesh, at, names);
    peer = await Peer.connect(
      mesh,
      await gatewayAddress(mesh, at, "waypoint"),
      `spiffe://cluster.local/ns/${at}/sa/node`,
    );
  });
  afterAll(async () => {
    await peer?.[Symbol.asyncDispose]();
  });

  test.concurrent.each(names)("in HTTP/1 and HTTP/2 to a server with the parser of %s", async (name) => {
    const host = `${name}.${at}.svc.cluster.local`;
    const send = (bytes: Buffer): Promise<string> => peer.raw(`${host}:8080`, bytes, 2_500);
    const before = (await seen(name)).length;
    const answers = await Promise.all(requests.map(async ([, template]) => await send(forHost(template, host))));
    const after = (await seen(name)).slice(before);
    const accepted = answers.map((answer) => statuses(answer).filter((status) => status === "200").length);
    // A service's waypoint routes whatever the host is: what follows a whole request is the caller's own second one.
    expect(Math.max(...accepted)).toBeOneOf([1, 2]);
    const arrived = after.split(/\n|", "|","/).filter((line) => /\/(p|smuggled)\b/.test(line));
    expect(arrived).toHaveLength(accepted.reduce((sum, count) => sum + count, 0));
    await downgraded(name, host, send);
  });
});

test.skipIf(nginx !== "")("nginx is not installed: its parser is not tried", () => undefined);
