import { expect, it } from "vitest";
import type { DenialGroup } from "@/server/contracts/denials.ts";
import { denialsCsv } from "./denials-csv.ts";

const group: DenialGroup = {
  id: "g",
  from: "default/sleep",
  to: "web-api/web-api",
  caller: {
    title: "sleep",
    namespace: "default",
    principal: "cluster.local/ns/default/sa/sleep",
    pod: "sleep-1",
    ip: "127.7.1.10",
  },
  service: { namespace: "web-api", name: "web-api" },
  destinationPod: "web-api-1",
  port: 8080,
  method: "GET",
  path: '=HYPERLINK("x")',
  host: "",
  reason: "no-allow-policy-matched",
  reasonTitle: "Identity not named",
  sentence: 'refused, since no rule says "sleep"',
  hop: "agent",
  node: "node-b",
  policy: null,
  policyAction: "",
  enforcer: "agent",
  rule: -1,
  ruleText: "",
  attribute: "source.principal",
  attributeName: "",
  expected: [],
  was: "",
  answer: 0,
  answerTitle: "reset",
  count: 12,
  firstUnixMs: 0,
  lastUnixMs: 1000,
  trend: { stepSeconds: 60, endUnixMs: 0, values: [] },
  steps: [],
  since: null,
  fix: null,
  nextStep: null,
};

it("quotes what needs it, ends lines as RFC 4180 wants, and disarms formulas", () => {
  const [head, row, end] = denialsCsv([group]).split("\r\n");
  expect(head).toMatch(/^caller,caller_namespace,/);
  expect(row).toContain('"refused, since no rule says ""sleep"""');
  expect(row).toContain(`"'=HYPERLINK(""x"")"`);
  expect(row).toMatch(/,12,1970-01-01T00:00:00\.000Z,1970-01-01T00:00:01\.000Z$/);
  expect(end).toBe("");
});
