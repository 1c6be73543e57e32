import { once } from "node:events";
import { connect } from "node:net";
import { create } from "@bufbuild/protobuf";
import { status } from "@grpc/grpc-js";
import { afterEach, describe, expect, it } from "vitest";
import { addressType } from "../../xds/codec.ts";
import { openControlPlaneChannel } from "../../xds/control-plane-channel.ts";
import { DeltaDiscoveryRequestSchema } from "../../xds/gen/discovery_pb.js";
import { deltaAggregatedResources } from "../../xds/grpc-methods.ts";

import { closeAll, nodeIds, open, snapshotOf, startClient, startPlane, type tokens } from "./discovery.suite.ts";

afterEach(closeAll);

describe("who may ask", () => {
  it.each<[string, keyof typeof tokens, string]>([
    ["who names another agent's node", "agent", "ztunnel~127.0.0.1~ztunnel-node-b.istio-system~cluster.local"],
    ["who names another pod of its Gateway", "gateway", "router~127.0.0.1~ingress-istio-2.istio-ingress~cluster.local"],
    ["who names a pod of another namespace", "gateway", "router~127.0.0.1~ingress-istio-1.web-api~cluster.local"],
    ["whose node id is none", "agent", "ztunnel-node-a"],
    ["who has no node id", "agent", ""],
    ["whose token is bound to nothing", "loose", nodeIds.loose],
    ["who is no proxy", "app", nodeIds.app],
  ])("refuses a caller %s, so that it cannot hold back receipts", async (_, token, nodeId) => {
    const plane = await startPlane();
    plane.hub.publish(snapshotOf({ gateways: ["ingress"] }));
    const { client, metadata } = await openControlPlaneChannel(plane.endpoint(token));
    open.push({ close: async () => client.close() });
    const { path, requestSerialize, responseDeserialize } = deltaAggregatedResources;
    const stream = client.makeBidiStreamRequest(path, requestSerialize, responseDeserialize, metadata);
    const refusal = once(stream, "error");
    stream.on("data", () => expect.unreachable("nothing is told to it"));
    const node = nodeId === "" ? {} : { node: { id: nodeId } };
    stream.write(create(DeltaDiscoveryRequestSchema, { typeUrl: addressType.typeUrl, ...node }));
    expect(await refusal).toMatchObject([{ code: status.PERMISSION_DENIED }]);
    expect(plane.hub.streams()).toEqual([]);
  });

  it("ends a stream that was open before anything was known, when its caller turns out to be no proxy", async () => {
    const plane = await startPlane();
    startClient(plane, "app");
    await expect.poll(() => plane.hub.streams()).toHaveLength(1);
    plane.hub.publish(snapshotOf({ gateways: ["ingress"] }));
    await expect.poll(() => plane.hub.streams()).toEqual([]);
  });

  it("takes a limited number of connections, and new ones as soon as old ones go", async () => {
    const plane = await startPlane({ connectionsMax: 3 });
    plane.hub.publish(snapshotOf({}));
    const idle = await Promise.all(
      [1, 2, 3].map(async () => {
        const socket = connect(plane.port, "127.0.0.1");
        await once(socket, "connect");
        return socket;
      }),
    );
    const refused = connect(plane.port, "127.0.0.1");
    await once(refused, "close");
    const { client } = startClient(plane);
    expect(client.status().connected).toBe(false);
    idle[0]?.destroy();
    await client.synced;
    expect(plane.hub.streams()).toHaveLength(1);
    for (const socket of idle) {
      socket.destroy();
    }
  });
});
