import { namespacesRefused, rootNamespace, type SignedIn } from "@/server/auth/signed-in.ts";
import { isClusterError } from "@/server/cluster/errors.ts";
import type { Finding, Impact, Preview } from "@/server/contracts/golden-paths.ts";
import { count, finding } from "@/server/golden-paths/path.ts";
import { dryRun } from "./apply-steps.ts";
import type { ChangeDeps } from "./deps.ts";
import { isUnchanged, type Proposal, toResourceChange } from "./proposal.ts";

/** Everything that is known about a proposal before it is applied. */
export async function previewProposal(
  proposal: Proposal,
  impact: Impact,
  person: SignedIn,
  deps: ChangeDeps,
): Promise<Preview> {
  const findings = [...proposal.filled.findings, ...driftFindings(proposal), ...impactFindings(proposal, impact)];
  const changes = proposal.steps.filter((step) => !isUnchanged(step));
  const invalid = findings.some(({ level }) => level === "error");
  if (changes.length === 0 && !invalid) {
    findings.push(finding("info", "nothing-changes", "", "Everything is so already. There is nothing to apply."));
  }
  if (!invalid) {
    findings.push(...(await serverFindings(proposal, deps)));
  }
  const refused = namespacesRefused(person, proposal.filled.plan.namespaces);
  const blockedBecause =
    findings.find(({ level }) => level === "error")?.message ??
    (changes.length === 0 ? "This would change nothing." : refused.length > 0 ? refusalText(refused) : "");
  return {
    slug: proposal.slug,
    sentence: proposal.filled.sentence,
    findings: findings.toSorted((one, other) => levelRank[one.level] - levelRank[other.level]),
    resources: proposal.steps.map(toResourceChange),
    impact,
    confirmWord: proposal.filled.confirmWord,
    button: proposal.filled.button({ callersCutOff: impact.becomeDenied.callers, changed: changes.length }),
    applicable: blockedBecause === "",
    blockedBecause,
    approval: [],
    probes: proposal.filled.probes.map(({ sentence }) => sentence),
    etag: proposal.etag,
  };
}

const levelRank: Readonly<Record<Finding["level"], number>> = { error: 0, warning: 1, info: 2 };

/** Who decides about namespaces that the person may not change. */
export function refusalText(namespaces: readonly string[]): string {
  return namespaces.includes(rootNamespace)
    ? "Paths over the whole mesh are for platform engineers. Ask one of them."
    : `You may not change ${namespaces.join(", ")}: another team owns ${namespaces.length === 1 ? "it" : "them"}. Ask that team or a platform engineer.`;
}

function driftFindings({ conflicts }: Proposal): Finding[] {
  return conflicts.map(({ resource, expected, live }) => {
    const what =
      expected === ""
        ? "was made by somebody else"
        : live === ""
          ? "was removed by somebody else"
          : "was edited by somebody else";
    return finding("warning", "managed-elsewhere", "", `${resource} ${what} since. Applying asks you to overwrite it.`);
  });
}

function impactFindings({ slug }: Proposal, impact: Impact): Finding[] {
  if (slug === "lock-down" || impact.becomeDenied.callers === 0) {
    return [];
  }
  const { count: number, callers } = impact.becomeDenied;
  return [
    finding(
      "warning",
      slug === "require-mtls" ? "plain-text-callers" : "callers-cut-off",
      "",
      `${count(callers, "caller")} with ${count(number, "request")} in the last hour would be cut off. The impact lists them.`,
    ),
  ];
}

/** What the API server says: schema, CEL, webhook; warnings too. */
async function serverFindings({ steps }: Proposal, { cluster }: ChangeDeps): Promise<Finding[]> {
  try {
    // Conflicts are findings of their own, so that they do not hide what else the server has to say.
    const warnings = await dryRun(cluster, steps, true);
    return warnings.map((text) => finding("warning", "cluster-warning", "", text));
  } catch (error) {
    if (isClusterError(error) && error.code !== "unreachable") {
      return [finding("error", "refused-by-cluster", "", `The mesh refuses it: ${error.message}`)];
    }
    throw error;
  }
}

export const conflictNames = (proposal: Pick<Proposal, "conflicts">): string =>
  proposal.conflicts.map(({ resource }) => resource).join(", ");
