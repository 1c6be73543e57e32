/** What the form of a bundle holds while it is filled in. Pure. */
import type { FieldRange } from "@/server/contracts/golden-paths.ts";
import { type BundleRequest, bundleRequest } from "@/server/contracts/rollout-bundles.ts";
import type { RolloutSpec } from "@/server/contracts/rollout-spec.ts";
import type { Problems } from "../../golden-paths/form/check-draft.ts";
import { checkRelease, type EnteredRelease, type ReleaseDraft, readRelease, releaseOf } from "../form/release-draft.ts";

export const fewestMembers = 2;
export const mostMembers = 10;
const longestTitle = 120;

export type BundleOrder = BundleRequest["order"];

/** What the person, or the address, has set. */
export interface EnteredBundle {
  /** Absent: it is called after its releases. */
  readonly title?: string;
  readonly order: BundleOrder;
  readonly abortTogether: boolean;
  readonly members: readonly EnteredRelease[];
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Values from an address, as far as they fit; always with two releases to fill in. */
export function readBundle(values: Readonly<Record<string, unknown>>): EnteredBundle {
  const title = bundleRequest.shape.title.safeParse(values["title"]);
  const order = bundleRequest.shape.order.safeParse(values["order"]);
  const abortTogether = bundleRequest.shape.abortTogether.safeParse(values["abortTogether"]);
  const listed = Array.isArray(values["members"]) ? values["members"].slice(0, mostMembers) : [];
  const members = listed.map((member: unknown) => (isObject(member) ? readRelease(member) : {}));
  const lacking = Math.max(0, fewestMembers - members.length);
  return {
    ...(title.success && { title: title.data }),
    order: order.success ? order.data : "in-order",
    abortTogether: abortTogether.success ? abortTogether.data : true,
    members: [...members, ...Array.from({ length: lacking }, () => ({}))],
  };
}

/** "web-api v2, catalog v3": what a bundle is called before somebody names it. */
export function usualTitle(members: readonly Pick<ReleaseDraft, "service" | "canary">[]): string {
  const named = members.flatMap(({ service, canary }) => (service ? [`${service.name} ${canary}`.trim()] : []));
  return named.join(", ").slice(0, longestTitle);
}

const keyOf = ({ service }: ReleaseDraft): string => (service ? `${service.namespace}/${service.name}` : "");

/** What is wrong with one release, by dotted path within it. A service is in a bundle once. */
export function memberProblems(
  members: readonly ReleaseDraft[],
  at: number,
  ranges: readonly FieldRange[] = [],
): { readonly spec: RolloutSpec | null; readonly problems: Problems } {
  const draft = members[at] ?? releaseOf({});
  const checked = checkRelease(draft, ranges);
  const again = keyOf(draft) !== "" && members.findIndex((member) => keyOf(member) === keyOf(draft)) < at;
  if (again) {
    const words = `${draft.service?.name ?? ""} is in this bundle already. Choose another service, or remove this release.`;
    return { spec: null, problems: new Map([["service", words], ...(checked.complete ? [] : checked.problems)]) };
  }
  return checked.complete ? { spec: checked.spec, problems: new Map() } : { spec: null, problems: checked.problems };
}

/** What the button still waits for: "Release 2: Choose a service"; empty when all of it is there. */
export function lacksWords(problems: readonly Problems[], title: string): string {
  const at = problems.findIndex(({ size }) => size > 0);
  const first = problems[at]?.values().next().value;
  if (first !== undefined) {
    return `Release ${at + 1}: ${first}`;
  }
  return title.trim() === "" ? "Enter a title" : "";
}

/** Problems that the portal told by `specs.<n>.<path>`, for one release. */
export const refusedOf = (
  fields: readonly { readonly path: string; readonly message: string }[],
  at: number,
): Problems => {
  const prefix = `specs.${at}.`;
  return new Map(
    fields.flatMap(({ path, message }) => (path.startsWith(prefix) ? [[path.slice(prefix.length), message]] : [])),
  );
};
