import type { SignedIn } from "@/server/auth/signed-in.ts";
import { isClusterError } from "@/server/cluster/errors.ts";
import type { Finding, Impact, Preview } from "@/server/contracts/golden-paths.ts";
import type { Guardrails } from "@/server/contracts/guardrails.ts";
import { count, finding, listNames } from "@/server/golden-paths/path.ts";
import { freezeOf, freezeText, isPlatform, rangeFindings, ruleOf } from "@/server/guardrails/rules.ts";
import { dryRun } from "./apply-steps.ts";
import type { Approver } from "./approvers.ts";
import type { ChangeDeps } from "./deps.ts";
import type { Planned } from "./desk.ts";
import { lookupFindings } from "./destination-lookup.ts";
import { joinedLately } from "./joined-lately.ts";
import { changesNothing, isUnchanged, type Proposal, toResourceChange } from "./proposal.ts";
import { restrictionsOver } from "./rules-over.ts";
import { standingFindings } from "./standing-findings.ts";
import { forbiddenWrite } from "./touched.ts";

/** Everything that is known about a proposal before it is applied. */
export async function previewProposal(
  planned: Planned,
  impact: Impact,
  person: SignedIn,
  guardrails: Guardrails,
  approvers: readonly Approver[],
  deps: Pick<ChangeDeps, "cluster" | "inventory" | "config" | "db">,
): Promise<Preview> {
  const { proposal } = planned;
  const findings = [
    ...guardrailFindings(planned, person, guardrails),
    ...proposal.filled.findings,
    ...driftFindings(proposal),
    ...impactFindings(proposal, impact),
    ...standingFindings(proposal, deps.inventory.current, deps.config.target),
  ];
  const changes = proposal.steps.filter((step) => !isUnchanged(step));
  const invalid = findings.some(({ level }) => level === "error");
  if (changesNothing(proposal) && !invalid) {
    findings.push(finding("info", "nothing-changes", "", "Everything is so already. There is nothing to apply."));
  }
  findings.push(...(await joinedLately(proposal, deps)));
  findings.push(...(await lookupFindings(proposal.slug, proposal.values)));
  if (!invalid) {
    findings.push(...(await serverFindings(proposal, deps)));
  }
  const blockedBecause =
    findings.find(({ level }) => level === "error")?.message ??
    (changesNothing(proposal)
      ? "This would change nothing."
      : (changes.map(forbiddenWrite).find((text) => text !== "") ?? ""));
  return {
    slug: proposal.slug,
    sentence: proposal.filled.sentence,
    findings: findings.toSorted((one, other) => levelRank[one.level] - levelRank[other.level]),
    resources: proposal.steps.map(toResourceChange),
    impact,
    confirmWord: proposal.filled.confirmWord,
    button:
      approvers.length > 0
        ? `Request approval from ${listNames(approvers.map(({ title }) => title))}`
        : proposal.filled.button({ callersCutOff: impact.becomeDenied.callers, changed: changes.length }),
    applicable: blockedBecause === "",
    blockedBecause,
    approval: approvers.map(({ team, title, namespaces }) => ({ team, title, namespaces: [...namespaces] })),
    probes: proposal.filled.probes.map(({ sentence }) => sentence),
    etag: proposal.etag,
  };
}

const levelRank: Readonly<Record<Finding["level"], number>> = { error: 0, warning: 1, info: 2 };

/** What platform engineers decided about the path, its numbers and this moment. */
function guardrailFindings({ proposal, touched }: Planned, person: SignedIn, guardrails: Guardrails): Finding[] {
  const rule = ruleOf(guardrails, proposal.slug);
  const restriction = restrictionsOver(guardrails, proposal, "form", person)[0] ?? "";
  const freeze = freezeOf(guardrails, touched, Date.now());
  const breaks = freeze !== undefined && isPlatform(person);
  return [
    ...(restriction === "" ? [] : [finding("error", "path-restricted", "", restriction)]),
    ...rangeFindings(rule, proposal.slug, proposal.values),
    ...(freeze === undefined
      ? []
      : [
          finding(
            breaks ? "warning" : "error",
            "frozen",
            breaks ? "reason" : "",
            `${freezeText(freeze)} ${breaks ? "Enter a reason to change it all the same." : "Wait, or ask a platform engineer."}`,
          ),
        ]),
  ];
}

function driftFindings({ conflicts }: Proposal): Finding[] {
  return conflicts.map(({ resource, expected, live }) => {
    const what =
      expected === ""
        ? "was made by somebody else"
        : live === ""
          ? "was removed by somebody else"
          : "was edited by somebody else";
    return finding(
      "warning",
      "managed-elsewhere",
      "",
      `${resource} ${what} since. Applying asks you to overwrite it.`,
      {
        place: resource,
      },
    );
  });
}

const windowWords: Readonly<Record<number, string>> = { 3600: "hour", 86400: "day", 604800: "week" };

function impactFindings({ slug }: Proposal, impact: Impact): Finding[] {
  if (impact.unknownBecause !== undefined) {
    return [finding("warning", "impact-unknown", "", impact.unknownBecause)];
  }
  if (slug === "lock-down" || impact.becomeDenied.callers === 0) {
    return [];
  }
  const { count: number, callers } = impact.becomeDenied;
  return [
    finding(
      "warning",
      slug === "require-mtls" ? "plain-text-callers" : "callers-cut-off",
      "",
      `${count(callers, "caller")} with ${count(number, "request")} in the last ${windowWords[impact.windowSeconds] ?? "hour"} would be cut off. The impact lists them.`,
    ),
  ];
}

/** What the API server says: schema, CEL, webhook; warnings too. */
async function serverFindings({ steps }: Proposal, { cluster }: Pick<ChangeDeps, "cluster">): Promise<Finding[]> {
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
