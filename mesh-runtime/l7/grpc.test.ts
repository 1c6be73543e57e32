import { once } from "node:events";
import * as grpc from "@grpc/grpc-js";
import { afterEach, expect, test } from "vitest";
import type { L7RouteRule } from "../xds/proxy-config.ts";
import {
  closeOpened,
  cluster,
  exchangeRaw,
  listener,
  opened,
  proxyConfig,
  type Rig,
  rule,
  startRig,
  workload,
} from "./engine-rig.suite.ts";
import { formatGrpcTimeout, GrpcMessages, grpcMessage, isGrpc } from "./grpc.ts";

afterEach(closeOpened);

const bytes = (value: Buffer): Buffer => value;
const method = (path: string, requestStream: boolean, responseStream: boolean) => ({
  path,
  requestStream,
  responseStream,
  requestSerialize: bytes,
  requestDeserialize: bytes,
  responseSerialize: bytes,
  responseDeserialize: bytes,
});
const definition = {
  unary: method("/towpath.Echo/Unary", false, false),
  collect: method("/towpath.Echo/Collect", true, false),
  spread: method("/towpath.Echo/Spread", false, true),
  chat: method("/towpath.Echo/Chat", true, true),
};

async function startEcho(implementation: grpc.UntypedServiceImplementation): Promise<number> {
  const server = new grpc.Server();
  server.addService(definition, implementation);
  const bound = Promise.withResolvers<number>();
  server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) =>
    error === null ? bound.resolve(port) : bound.reject(error),
  );
  opened.push({ close: () => server.forceShutdown() });
  return await bound.promise;
}

function clientOf({ port }: Rig) {
  const Client = grpc.makeGenericClientConstructor(definition, "Echo");
  const client = new Client(`127.0.0.1:${port}`, grpc.credentials.createInsecure());
  opened.push(client);
  return client as unknown as {
    unary(
      request: Buffer,
      metadata: grpc.Metadata,
      options: grpc.CallOptions,
      done: (error: grpc.ServiceError | null, answer?: Buffer) => void,
    ): grpc.ClientUnaryCall;
    collect(done: (error: grpc.ServiceError | null, answer?: Buffer) => void): grpc.ClientWritableStream<Buffer>;
    spread(request: Buffer): grpc.ClientReadableStream<Buffer>;
    chat(): grpc.ClientDuplexStream<Buffer, Buffer>;
  };
}

const config = (more: Partial<L7RouteRule> = {}) =>
  proxyConfig({ listeners: [listener([rule(more)])], clusters: [cluster({ protocol: "GRPC" })] });

const unary = (rig: Rig, options: grpc.CallOptions = {}, metadata = new grpc.Metadata()) => {
  const done = Promise.withResolvers<{ error: grpc.ServiceError | null; answer: string; trailers: grpc.Metadata }>();
  const call = clientOf(rig).unary(Buffer.from("hi"), metadata, options, (error, answer) =>
    call.once("status", ({ metadata: trailers }) => done.resolve({ error, answer: String(answer), trailers })),
  );
  return done.promise;
};

test("unary calls, with metadata both ways and trailers", async () => {
  let seen: grpc.Metadata | undefined;
  const port = await startEcho({
    unary: (call: grpc.ServerUnaryCall<Buffer, Buffer>, done: grpc.sendUnaryData<Buffer>) => {
      seen = call.metadata;
      const trailer = new grpc.Metadata();
      trailer.set("x-took", "5");
      done(null, Buffer.from(`${String(call.request)}!`), trailer);
    },
  });
  const rig = await startRig([workload("a", port)], { config: config() });
  const metadata = new grpc.Metadata();
  metadata.set("x-user", "me");
  metadata.set("x-bin-bin", Buffer.from([0, 255]));
  const { error, answer, trailers } = await unary(rig, {}, metadata);
  expect([error, answer, trailers.get("x-took")]).toEqual([null, "hi!", ["5"]]);
  expect(seen?.get("x-user")).toEqual(["me"]);
  expect(seen?.get("x-bin-bin")).toEqual([Buffer.from([0, 255])]);
  expect(rig.outcomes).toMatchObject([{ status: 200, grpcStatus: 0, requestMessages: 1, responseMessages: 1 }]);
});

test("streams both ways, message by message", async () => {
  const port = await startEcho({
    chat: (call: grpc.ServerDuplexStream<Buffer, Buffer>) => {
      call.on("data", (data: Buffer) => call.write(Buffer.from(`echo ${String(data)}`)));
      call.on("end", () => call.end());
    },
  });
  const rig = await startRig([workload("a", port)], { config: config() });
  const call = clientOf(rig).chat();
  for (const text of ["one", "two", "three"]) {
    call.write(Buffer.from(text));
    const [data] = (await once(call, "data")) as [Buffer];
    expect(String(data)).toBe(`echo ${text}`);
  }
  const outcome = rig.nextOutcome();
  call.end();
  await once(call, "end");
  expect(await outcome).toMatchObject({ grpcStatus: 0, requestMessages: 3, responseMessages: 3 });
});

test("client streams and server streams", async () => {
  const port = await startEcho({
    collect: (call: grpc.ServerReadableStream<Buffer, Buffer>, done: grpc.sendUnaryData<Buffer>) => {
      let count = 0;
      call.on("data", () => count++);
      call.on("end", () => done(null, Buffer.from(String(count))));
    },
    spread: (call: grpc.ServerWritableStream<Buffer, Buffer>) => {
      for (let index = 0; index < 200; index++) {
        call.write(Buffer.alloc(1_000, index));
      }
      call.end();
    },
  });
  const rig = await startRig([workload("a", port)], { config: config() });
  const client = clientOf(rig);
  const collected = Promise.withResolvers<string>();
  const upload = client.collect((_error, answer) => collected.resolve(String(answer)));
  for (let index = 0; index < 50; index++) {
    upload.write(Buffer.alloc(500));
  }
  upload.end();
  expect(await collected.promise).toBe("50");
  let received = 0;
  const download = client.spread(Buffer.from("go"));
  download.on("data", () => received++);
  await once(download, "end");
  expect(received).toBe(200);
});

test("a status that the server gives without a message", async () => {
  const port = await startEcho({
    unary: (_call: unknown, done: grpc.sendUnaryData<Buffer>) =>
      done({ code: grpc.status.FAILED_PRECONDITION, details: "not ready: ü" }),
  });
  const rig = await startRig([workload("a", port)], { config: config() });
  expect((await unary(rig)).error).toMatchObject({ code: grpc.status.FAILED_PRECONDITION, details: "not ready: ü" });
  expect(rig.outcomes).toMatchObject([{ grpcStatus: 9 }]);
});

test("an answer of the proxy is a gRPC status", async () => {
  const rig = await startRig([], { config: config() });
  expect((await unary(rig)).error).toMatchObject({ code: grpc.status.UNAVAILABLE, details: "no healthy upstream" });
  const denied = { name: "p", namespace: "default", action: "ALLOW", dryRun: false, provider: "", rules: [] } as const;
  const refusing = await startRig([], {
    config: proxyConfig({ listeners: [listener([rule()], { authorizations: [denied] })] }),
  });
  expect((await unary(refusing)).error).toMatchObject({
    code: grpc.status.PERMISSION_DENIED,
    details: "RBAC: access denied",
  });
  expect(
    await exchangeRaw(
      refusing,
      "POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Type: application/grpc\r\nContent-Length: 0\r\n\r\n",
    ),
  ).toMatch(/^HTTP\/1\.1 200 [\s\S]*grpc-status: 7/);
});

test("the caller's deadline goes on reduced, and ends what takes longer", async () => {
  let deadlineMs = 0;
  const port = await startEcho({
    unary: (call: grpc.ServerUnaryCall<Buffer, Buffer>) => {
      const deadline = call.getDeadline();
      deadlineMs = (deadline instanceof Date ? deadline.getTime() : deadline) - Date.now();
    },
  });
  const rig = await startRig([workload("a", port)], { config: config() });
  const metadata = new grpc.Metadata();
  metadata.set("grpc-timeout", "60m");
  const { error } = await unary(rig, {}, metadata);
  expect(error).toMatchObject({ code: grpc.status.DEADLINE_EXCEEDED });
  expect(deadlineMs).toBeLessThanOrEqual(60);
});

test("a call that the caller cancels is cancelled at the server", async () => {
  const cancelled = Promise.withResolvers<void>();
  const arrived = Promise.withResolvers<void>();
  const port = await startEcho({
    chat: (call: grpc.ServerDuplexStream<Buffer, Buffer>) => {
      call.on("cancelled", () => cancelled.resolve());
      call.on("error", () => undefined);
      arrived.resolve();
    },
  });
  const rig = await startRig([workload("a", port)], { config: config() });
  const call = clientOf(rig).chat();
  call.on("error", () => undefined);
  call.write(Buffer.from("x"));
  await arrived.promise;
  call.cancel();
  await cancelled.promise;
});

test("UNAVAILABLE is tried again elsewhere when the route says so", async () => {
  let calls = 0;
  const port = await startEcho({
    unary: (_call: unknown, done: grpc.sendUnaryData<Buffer>) => {
      calls++;
      if (calls < 3) {
        done({ code: grpc.status.UNAVAILABLE, details: "busy" });
      } else {
        done(null, Buffer.from("third"));
      }
    },
  });
  const retry = { attempts: 3, on: ["unavailable"], statusCodes: [], backoffBaseMs: 1, unsafeMethods: false } as const;
  const rig = await startRig([workload("a", port)], { config: config({ retry }) });
  expect(await unary(rig)).toMatchObject({ error: null, answer: "third" });
  expect(rig.outcomes).toMatchObject([{ attempts: 3, grpcStatus: 0 }]);
});

test("times are written in at most eight digits", () => {
  expect([0.2, 5, 99_999_999, 100_000_000].map(formatGrpcTimeout)).toEqual(["1m", "5m", "99999999m", "100000S"]);
});

test("messages are percent-encoded, and told by content type", () => {
  expect(grpcMessage('100% "ü"\r\n')).toBe('100%25 "%C3%BC"%0D%0A');
  expect(
    ["application/grpc", "application/grpc+proto", "application/grpc-web", "application/json", undefined].map(isGrpc),
  ).toEqual([true, true, false, false, false]);
});

test("messages are counted however they are cut", () => {
  const one = Buffer.from([0, 0, 0, 0, 3, 1, 2, 3]);
  const none = Buffer.from([0, 0, 0, 0, 0]);
  const all = Buffer.concat([one, none, one]);
  for (let size = 1; size <= all.length; size++) {
    const messages = new GrpcMessages();
    for (let at = 0; at < all.length; at += size) {
      messages.take(all.subarray(at, at + size));
    }
    expect(messages.count).toBe(3);
  }
});
