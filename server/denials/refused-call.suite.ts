/** A call of sleep to httpbin that the waypoint refused, as the page of denials groups it. */
import type { DenialGroup } from "@/server/contracts/denials.ts";
import type { Inventory } from "@/server/inventory/model.ts";
import { TelemetryMemory } from "@/server/telemetry/memory.ts";
import type { DenialIdentity } from "@/server/telemetry/records.ts";
import { labels } from "@/server/telemetry/sample.suite.ts";
import { groupDenials } from "./group-denials.ts";

const now = 10_000_000_000;
const nothingElse = {
  requests: [],
  connections: [],
  shapes: [],
  access: [],
  secured: [],
  clusters: [],
  shadows: [],
  copies: [],
  names: [],
  spans: [],
  status: [],
};

/** `told`: what is different from GET /ip that no ALLOW policy matched. */
export function refusedCall(
  told: Partial<DenialIdentity> & Pick<DenialIdentity, "policy">,
  inventory: Inventory,
  inForce: Parameters<typeof groupDenials>[0]["inForce"],
): DenialGroup {
  const denial = {
    labels: labels("default/sleep", "default/httpbin", { reporter: "waypoint" }),
    hop: "waypoint" as const,
    node: "node-a",
    reason: "no-allow-policy-matched" as const,
    rule: 0,
    attribute: "request.path",
    evaluated: [],
    destinationPort: 8000,
    method: "GET",
    path: "/ip",
    host: "httpbin.default:8000",
    answer: 403,
    ...told,
    timeUnixMs: now - 5_000,
    count: 1,
    sourceIp: "10.0.3.1",
    sourcePod: "sleep-1",
    destinationPod: "",
  };
  const telemetry = new TelemetryMemory();
  telemetry.take(
    "logs",
    { proxy: "waypoint-1.default", node: "node-a", batch: "", ...nothingElse, denials: [denial] },
    now - 5_000,
    now,
  );
  const [group] = groupDenials({
    denials: telemetry.denials,
    inventory,
    startMs: now - 600_000,
    endMs: now,
    changes: new Map(),
    inForce,
  });
  if (group === undefined) {
    throw new Error("nothing was refused");
  }
  return group;
}
