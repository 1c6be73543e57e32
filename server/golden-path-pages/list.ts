import { capabilitiesOf, type SignedIn } from "@/server/auth/signed-in.ts";
import { type GoldenPathList, type PathSlug, pathSlug } from "@/server/contracts/golden-paths.ts";
import { type IntentSet, intentsOf } from "@/server/golden-paths/intent.ts";
import { count } from "@/server/golden-paths/path.ts";
import { goldenPaths } from "@/server/golden-paths/registry.ts";
import { rootNamespace } from "@/server/inventory/labels.ts";
import type { Inventory } from "@/server/inventory/model.ts";
import { findPolicies } from "@/server/policies/applied.ts";
import type { Portal } from "@/server/portal.ts";

/** The gallery. */
export async function goldenPathListFor({ changes }: Portal, person: SignedIn): Promise<GoldenPathList> {
  const { inventory, current } = await changes.context();
  const { applyEverywhere, applyIn } = capabilitiesOf(person);
  return {
    paths: pathSlug.options.map((slug) => {
      const { title, summary, group, keywords } = goldenPaths[slug];
      return {
        slug,
        title,
        summary,
        group,
        applicable: applyEverywhere || applyIn.length > 0,
        inUse: inUse(slug, inventory, current),
        keywords: [...keywords],
      };
    }),
  };
}

/** Namespaces that hold somebody's services. */
export const applicationNamespaces = (inventory: Inventory): string[] => [
  ...new Set(
    inventory.services
      .filter(({ namespace, pods }) => pods.length > 0 && namespace !== rootNamespace && !namespace.startsWith("kube-"))
      .map(({ namespace }) => namespace),
  ),
];

function inUse(slug: PathSlug, inventory: Inventory, current: IntentSet): string {
  const names = applicationNamespaces(inventory);
  const policies = findPolicies(inventory);
  const of = (holds: (name: string) => boolean): string =>
    `${names.filter(holds).length} of ${count(names.length, "namespace")}`;
  switch (slug) {
    case "join-the-mesh":
      return of((name) => inventory.namespaces.some((one) => one.name === name && one.enrolment.labelled));
    case "require-mtls":
      return policies.meshRequiresMtls ? "Whole mesh" : of(policies.namespaceRequiresMtls);
    case "lock-down":
      return policies.meshLockedDown ? "Whole mesh" : of(policies.namespaceLockedDown);
    case "let-a-caller-in":
      return count(intentsOf(current, slug).length, "caller");
    default:
      return slug satisfies never;
  }
}
