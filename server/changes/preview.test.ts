/** What a preview says beyond its form. */
import { describe, expect, test } from "vitest";
import type { Cluster } from "@/server/cluster/cluster.ts";
import { ClusterError } from "@/server/cluster/errors.ts";
import type { PortalConfig } from "@/server/config.ts";
import { pathForms } from "@/server/contracts/golden-paths/forms.ts";
import type { Preview } from "@/server/contracts/golden-paths.ts";
import type { Database } from "@/server/db/client.ts";
import { contextOf } from "@/server/golden-paths/access/filled-in.suite.ts";
import { unknownImpact } from "@/server/impact/unknown-impact.ts";
import { previewProposal } from "./preview.ts";
import { propose } from "./proposal.ts";
import { pat } from "./test-changes.suite.ts";

const values = pathForms["let-a-caller-in"].parse({
  service: { namespace: "default", name: "httpbin" },
  callers: [{ kind: "identity", namespace: "default", serviceAccount: "sleep" }],
  ports: [8000],
});
const nobodyCut = { ...unknownImpact(3_600, ""), unknownBecause: undefined, notes: [] };

function previewed(dryRun: Cluster["apply"], impact: Parameters<typeof previewProposal>[1]): Promise<Preview> {
  const context = contextOf();
  const proposal = propose("let-a-caller-in", values, context, () => undefined);
  const { unknownBecause, ...known } = impact;
  return previewProposal(
    { wish: { origin: { kind: "form" }, slug: "let-a-caller-in", values }, proposal, touched: ["default"] },
    unknownBecause === undefined ? known : impact,
    pat,
    { paths: [], freezes: [], approvalHours: 72 },
    [],
    {
      cluster: { apply: dryRun } as Cluster,
      inventory: { current: context.inventory } as Parameters<typeof previewProposal>[5]["inventory"],
      config: { target: "embedded" } as PortalConfig,
      // Nobody joined lately.
      db: { intent: { findMany: () => Promise.resolve([]) } } as unknown as Database,
    },
  );
}
const codesOf = ({ findings }: Preview): string[] => findings.map(({ level, code }) => `${level} ${code}`);
const accepted: Cluster["apply"] = (object) => Promise.resolve({ object, warnings: [] });

describe("a preview", () => {
  test("has nothing to say where the form, the traffic and the cluster have not", async () => {
    expect(await previewed(accepted, nobodyCut)).toMatchObject({ findings: [], applicable: true });
  });

  test("passes on what the cluster warns of, each thing once, and can be applied", async () => {
    const warns: Cluster["apply"] = (object) => Promise.resolve({ object, warnings: ["ports are missing"] });
    const preview = await previewed(warns, nobodyCut);
    expect(preview).toMatchObject({
      findings: [{ level: "warning", code: "cluster-warning", message: "ports are missing" }],
      applicable: true,
    });
  });

  test("says what the cluster refuses, and cannot be applied", async () => {
    const preview = await previewed(() => Promise.reject(new ClusterError("refused", 422, "no such field")), nobodyCut);
    expect(codesOf(preview)).toEqual(["error refused-by-cluster"]);
    expect(preview).toMatchObject({ applicable: false, blockedBecause: "The mesh refuses it: no such field" });
  });

  test("says that it does not know the impact, and why, instead of nobody being cut off", async () => {
    const preview = await previewed(accepted, unknownImpact(3_600, "The impact is not known: it took too long."));
    expect(preview).toMatchObject({
      findings: [{ level: "warning", code: "impact-unknown", message: "The impact is not known: it took too long." }],
      applicable: true,
    });
  });
});
