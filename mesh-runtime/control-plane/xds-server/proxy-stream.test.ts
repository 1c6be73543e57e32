import { create } from "@bufbuild/protobuf";
import { expect, test } from "vitest";
import { addressType } from "../../xds/codec.ts";
import { DeltaDiscoveryRequestSchema, type DeltaDiscoveryResponse } from "../../xds/gen/discovery_pb.js";
import { quiet } from "../plane.suite.ts";
import type { Snapshot } from "../snapshot/snapshot.ts";
import { createProxyStream } from "./proxy-stream.ts";

test("names that were asked for while answers were owed are answered once the proxy has caught up", () => {
  const { typeUrl } = addressType;
  const snapshot = { revision: 1, types: new Map([[typeUrl, new Map()]]) } as unknown as Snapshot;
  const sent: DeltaDiscoveryResponse[] = [];
  const stream = createProxyStream({
    caller: { namespace: "a", serviceAccount: "b", node: undefined, pod: undefined },
    typeUrls: new Set([typeUrl]),
    snapshot: () => snapshot,
    write: (response) => sent.push(response),
    onProgress: () => undefined,
    log: quiet,
  });
  const ask = (name: string): boolean =>
    stream.receive(create(DeltaDiscoveryRequestSchema, { typeUrl, resourceNamesSubscribe: [name] }));
  for (let n = 0; n < 20; n += 1) {
    expect(ask(`name-${n}`)).toBe(true);
  }
  expect(sent).toHaveLength(8);
  stream.receive(create(DeltaDiscoveryRequestSchema, { typeUrl, responseNonce: sent[0]?.nonce ?? "" }));
  expect(sent).toHaveLength(9);
  expect(sent.flatMap(({ removedResources }) => removedResources)).toEqual(
    Array.from({ length: 20 }, (_, n) => `name-${n}`),
  );
});
