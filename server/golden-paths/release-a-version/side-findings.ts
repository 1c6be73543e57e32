/** What else holds for the service, and what versions change about it. Pure. */
import type { ReleaseAVersionForm } from "@/server/contracts/golden-paths/release.ts";
import type { Finding } from "@/server/contracts/golden-paths.ts";
import { findService } from "@/server/inventory/model.ts";
import { regionsOf } from "../destination-rules/traffic-policy.ts";
import { type IntentSet, intentsOfService } from "../intent.ts";
import { finding, listNames, type PathContext } from "../path.ts";
import { isForeign } from "../service-routes/foreign-routes.ts";
import { speaksHttp } from "../service-routes/http-ports.ts";
import { meansService } from "../service-routes/service-host.ts";
import { serviceObject } from "../service-routes/service-object.ts";

type Form = ReleaseAVersionForm;

/** `next`: the intents once the form is applied. */
export const besides = (form: Form, next: IntentSet, context: PathContext): Finding[] => [
  ...otherPorts(form, context),
  ...copies(form, next),
  ...pinned(form, next, context),
  ...rulesOfOthers(form, context),
];

/** Connections that nobody can read go to pods of all versions. */
function otherPorts({ service: ref }: Form, { inventory }: PathContext): Finding[] {
  const ports = serviceObject(inventory, ref)?.spec?.ports ?? [];
  const others = ports.filter((port) => !speaksHttp(port)).map(({ port }) => String(port));
  if (others.length === 0 || others.length === ports.length) {
    return [];
  }
  const message = `Port ${listNames(others)} of ${ref.name} does not speak HTTP: its connections go on to pods of every version.`;
  return [
    finding("warning", "rule-without-effect", "weight", message, { place: `Service ${ref.namespace}/${ref.name}` }),
  ];
}

/** Named beside the other version, and gets nothing: so its Service stays. */
const isIdle = ({ weight, mirror, match, preview }: Form): boolean =>
  weight === 0 && mirror === 0 && match.length === 0 && preview === null;

/** Copies by a path of their own, and those that the release makes. */
function copies(form: Form, next: IntentSet): Finding[] {
  const { service, stable, mirror, weight } = form;
  const canary = isIdle(form) ? null : form.canary;
  const found: Finding[] = [];
  const other = intentsOfService(next, service).find((one) => one.slug === "mirror-traffic");
  const copied = other?.to.kind === "version" ? other.to.version : undefined;
  const only = canary === null ? stable : weight === 100 ? canary : undefined;
  if (other !== undefined && copied !== undefined && copied === only) {
    const message = `Copies for ${copied} stop: it answers every call itself.`;
    found.push(finding("info", "percent-does-nothing", canary === null ? "stable" : "canary", message));
  } else if (other !== undefined && copied !== undefined && copied === canary) {
    const message = `Copies of ${other.percent} % of the calls go to ${canary} besides: it does twice what those ask for when it answers them, too. Stop them first if it must not.`;
    found.push(finding("warning", "side-effects", "canary", message));
  }
  if (canary !== null && mirror > 0) {
    const message =
      weight === 100
        ? `${canary} answers every call: there is nothing left to copy.`
        : `Copies are sent for real: what a call changes, ${canary} changes too. It must not share a database with the other version where that does harm.`;
    found.push(finding("info", weight === 100 ? "percent-does-nothing" : "side-effects", "mirror", message));
  }
  return found;
}

/** Calls are kept in their region, and the new version is not everywhere. */
function pinned(form: Form, next: IntentSet, { inventory }: PathContext): Finding[] {
  const { service: ref, stable, weight } = form;
  const canary = isIdle(form) ? null : form.canary;
  const isPinned = intentsOfService(next, ref).some(({ slug }) => slug === "keep-in-region");
  const regionOf = new Map(inventory.nodes.map(({ name, region }) => [name, region]));
  const used = [...(weight < 100 || canary === null ? [stable] : []), ...(canary === null ? [] : [canary])];
  return !isPinned
    ? []
    : used.flatMap((version) => {
        const pods = (findService(inventory, ref)?.pods ?? []).filter((pod) => pod.version === version);
        const has = new Set(pods.map(({ node }) => regionOf.get(node)));
        const without = regionsOf(inventory).filter((region) => !has.has(region));
        if (pods.length === 0 || without.length === 0) {
          return [];
        }
        const message = `${version} has no pod in ${listNames(without)}, and calls to ${ref.name} are kept in their region: those that it gets there fail.`;
        return [finding("warning", "no-pods-in-region", version === canary ? "canary" : "stable", message)];
      });
}

/** How the service as a whole is called: calls get to its versions instead. */
const rulesOfOthers = ({ service }: Form, { inventory }: PathContext): Finding[] =>
  inventory.objects.destinationRules
    .filter(isForeign)
    .filter(
      ({ metadata, spec }) =>
        metadata.namespace === service.namespace &&
        !(spec?.host ?? "").startsWith("*") &&
        meansService((spec?.host ?? "").toLowerCase(), service.namespace, service),
    )
    .map(({ metadata }) => {
      const place = `DestinationRule ${metadata.namespace ?? ""}/${metadata.name ?? ""}`;
      const message = `${place} is for ${service.name} as a whole, and calls go to its versions: it does nothing from then on.`;
      return finding("warning", "destination-rule-ignored", "", message, { place });
    });
