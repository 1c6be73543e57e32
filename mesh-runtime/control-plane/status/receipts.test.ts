import { describe, expect, it } from "vitest";
import { authorizationType } from "../../xds/codec.ts";
import type { Snapshot } from "../snapshot/snapshot.ts";
import type { DeltaType } from "../xds-server/delta-type.ts";
import type { ProxyStream } from "../xds-server/proxy-stream.ts";
import { createProxyRoll } from "./proxy-roll.ts";
import type { ReceiptItem } from "./receipt-item.ts";
import { createReceipts } from "./receipts.ts";

const { typeUrl } = authorizationType;
const item = (fingerprint = "v1", generation = 1): ReceiptItem => ({
  key: "p",
  generation,
  fingerprint,
  carriers: [{ typeUrl, name: "ns/p" }],
});
const snapshot = (version: string): Snapshot => ({
  revision: 1,
  changedAtMs: 0,
  types: new Map([
    [typeUrl, new Map([["ns/p", { name: "ns/p", aliases: [], version, bytes: new Uint8Array(), reader: undefined }]])],
  ]),
});

function proxy(name: string, acked?: string, rejected?: string): ProxyStream {
  const type: DeltaType = {
    wildcard: true,
    names: new Set(),
    sent: new Map(),
    acked: new Map(acked === undefined ? [] : [["ns/p", acked]]),
    rejected: new Map(rejected === undefined ? [] : [["ns/p", { version: rejected, error: "ns/p: odd" }]]),
    outstanding: new Map(),
    sentRevision: 0,
    ackedRevision: 0,
    dirty: false,
    asked: new Set(),
  };
  return {
    caller: { namespace: "istio-system", serviceAccount: "ztunnel", node: name, pod: undefined },
    nodeId: `ztunnel~1.1.1.1~${name}~x`,
    connectedAtMs: 0,
    types: new Map([[typeUrl, type]]),
    receive: () => true,
    push: () => undefined,
  };
}

/** Receipts that have seen an earlier world, so that the item counts as changed by now. */
function changedAt(ms: number) {
  const receipts = createReceipts();
  receipts.update([], 0);
  receipts.update([item()], ms);
  return receipts;
}

describe("receipt", () => {
  it("is True with count and time when every proxy confirmed the newest version", () => {
    const view = changedAt(1_000).view("p", [proxy("a", "v1"), proxy("b", "v1")], snapshot("v1"), 1_038);
    expect(view).toMatchObject({
      condition: { status: "True", reason: "AllProxiesInSync", message: "enforced on 2 of 2 proxies after 38 ms" },
      settledBefore: false,
    });
  });

  it("is open for a moment, then says whom it waits for", () => {
    const receipts = changedAt(1_000);
    const proxies = [proxy("a", "v1"), proxy("b", "v0")];
    expect(receipts.view("p", proxies, snapshot("v1"), 1_050)).toEqual({ kind: "undecided", atMs: 1_200 });
    expect(receipts.view("p", proxies, snapshot("v1"), 1_200)).toMatchObject({
      condition: {
        status: "Unknown",
        reason: "WaitingForProxies",
        message: "enforced on 1 of 2 proxies; waiting for b",
      },
    });
  });

  it("does not claim enforcement when there is no proxy", () => {
    expect(changedAt(0).view("p", [], snapshot("v1"), 1_000)).toMatchObject({
      condition: { status: "Unknown", message: "no proxy that would enforce this is connected" },
    });
  });

  it("names the proxy that refuses, also after it was True", () => {
    const receipts = changedAt(0);
    expect(receipts.view("p", [proxy("a", "v1")], snapshot("v1"), 10)).toMatchObject({ condition: { status: "True" } });
    expect(receipts.view("p", [proxy("a", "v1"), proxy("b", undefined, "v1")], snapshot("v1"), 20)).toMatchObject({
      condition: { status: "False", reason: "Rejected", message: "rejected by b: ns/p: odd" },
    });
  });

  it("counts anew when the refused version is replaced by a good one", () => {
    const receipts = changedAt(0);
    receipts.view("p", [proxy("a", "v1")], snapshot("v1"), 10);
    receipts.view("p", [proxy("a", "v1", "v1")], snapshot("v1"), 20);
    expect(receipts.view("p", [proxy("a", "v2")], snapshot("v2"), 30)).toMatchObject({
      condition: { status: "True", message: "enforced on 1 of 1 proxies after 30 ms" },
    });
  });

  it("stays True with its figures when a further proxy joins later", () => {
    const receipts = changedAt(0);
    const first = receipts.view("p", [proxy("a", "v1")], snapshot("v1"), 10);
    expect(receipts.view("p", [proxy("a", "v1"), proxy("late")], snapshot("v1"), 900)).toEqual(first);
  });

  it.each([
    ["content", item("v2")],
    ["generation", item("v1", 2)],
  ])("starts anew with another %s", (_what, next) => {
    const receipts = changedAt(0);
    receipts.view("p", [proxy("a", "v1")], snapshot("v1"), 10);
    receipts.update([next], 1_000);
    expect(receipts.view("p", [proxy("a", "v1")], snapshot("v2"), 1_001)).toMatchObject({ kind: "undecided" });
  });

  it("counts a removed carrier as confirmed only when the proxy let go of it", () => {
    const gone: Snapshot = { ...snapshot("v1"), types: new Map([[typeUrl, new Map()]]) };
    expect(changedAt(0).view("p", [proxy("a", "v1")], gone, 10)).toMatchObject({ kind: "undecided" });
    expect(changedAt(0).view("p", [proxy("a")], gone, 10)).toMatchObject({ condition: { status: "True" } });
  });

  it("marks what was there when the process started, so that an older receipt may stand", () => {
    const receipts = createReceipts();
    receipts.update([item()], 0);
    expect(receipts.view("p", [proxy("a", "v1")], snapshot("v1"), 10)).toMatchObject({ settledBefore: true });
  });
});

describe("proxies that count", () => {
  const node = (...names: readonly string[]) =>
    ({ nodes: new Map(names.map((name) => [name, {}])), pods: new Map() }) as never;

  it("include one that lost its connection, until it is back or its node is gone", () => {
    const roll = createProxyRoll();
    const before = proxy("a", "v0");
    roll.left(before);
    expect(roll.list([proxy("b")], node("a", "b")).map(({ nodeId }) => nodeId)).toHaveLength(2);
    const back = proxy("a", "v1");
    expect(roll.list([back], node("a"))).toEqual([back]);
    roll.left(before);
    expect(roll.list([], node("b"))).toEqual([]);
  });

  it("do not include former selves of one that is there, whatever address these said they had", () => {
    const roll = createProxyRoll();
    const as = (address: string) => ({ ...proxy("a", "v0"), nodeId: `router~${address}~a.ns~ns.svc` });
    roll.left(as("127.0.0.1"));
    roll.left(as("127.0.0.2"));
    const now = as("10.0.0.1");
    expect(roll.list([now], node("a"))).toEqual([now]);
  });
});
