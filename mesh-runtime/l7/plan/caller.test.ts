import { expect, test } from "vitest";
import { Fields } from "../../http1/index.ts";
import type { Workload } from "../../xds/model.ts";
import { callerOf } from "./caller.ts";
import { peerOf } from "./planner-rig.suite.ts";

const proxy = { nativeTunnel: true } as Workload;
const pod = { nativeTunnel: false } as Workload;
const peer = { sourceIp: "10.0.0.9" };

test.each<[string, Workload | undefined, string[], string]>([
  ["a pod says what it likes", pod, ["1.2.3.4"], "10.0.0.9"],
  ["so does somebody unknown", undefined, ["1.2.3.4"], "10.0.0.9"],
  ["a gateway names the client", proxy, ["1.2.3.4"], "1.2.3.4"],
  ["the last hop counts, not what the client claimed", proxy, ["6.6.6.6, 1.2.3.4"], "1.2.3.4"],
  ["also over several fields", proxy, ["6.6.6.6", "1.2.3.4"], "1.2.3.4"],
  ["the gateway itself is no client", proxy, ["1.2.3.4, 10.0.0.9"], "1.2.3.4"],
  ["a gateway that says nothing", proxy, [], "10.0.0.9"],
  ["a gateway that names itself alone", proxy, ["10.0.0.9"], "10.0.0.9"],
])("%s", (_name, workload, forwarded, expected) => {
  const fields = new Fields(forwarded.flatMap((value) => ["x-forwarded-for", value]));
  expect(callerOf(peerOf({ ...peer, workload })).remoteIp(fields)).toBe(expected);
});

test("identity and namespace are of the proven principal", () => {
  expect(callerOf(peerOf())).toMatchObject({ identity: "default/sleep", namespace: "default" });
  expect(callerOf(peerOf({ principal: undefined }))).toMatchObject({ identity: "", namespace: "" });
  expect(callerOf(peerOf({ principal: "cluster.local/odd" }))).toMatchObject({ identity: "", namespace: "" });
});

test("a connection is looked at once", () => {
  const one = peerOf();
  expect(callerOf(one)).toBe(callerOf(one));
});
