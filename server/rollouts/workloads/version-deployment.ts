/** The Deployment of a new version, made after the stable version's. Pure. */
import type { Deployment } from "@/mesh-runtime/api/deployment.ts";
import type { Applied } from "@/server/cluster/cluster.ts";
import type { ServiceRef } from "@/server/contracts/names.ts";
import type { NewVersion } from "@/server/contracts/rollout-spec.ts";
import { PortalError } from "@/server/errors.ts";
import { apiVersions } from "@/server/golden-paths/resource.ts";
import { managedByLabel, managedByTowpath } from "@/server/inventory/labels.ts";

/** Says which release made a Deployment. */
export const madeByAnnotation = "towpath.dev/release";
/** The service whose version it runs. */
export const madeForAnnotation = "towpath.dev/release-of";

/** Labels by which pods say their version, as the inventory reads them. */
const versionLabels = ["service.istio.io/canonical-revision", "app.kubernetes.io/version", "version"] as const;

type Labels = Readonly<Record<string, string>>;
type Template = NonNullable<Deployment["spec"]>["template"];

const templateLabels = (deployment: Deployment): Labels => deployment.spec?.template.metadata?.labels ?? {};

export const versionOf = (deployment: Deployment): string => {
  const labels = templateLabels(deployment);
  return versionLabels.map((label) => labels[label]).find((version) => version !== undefined) ?? "";
};

/** Whether a Service's selector takes the pods of the Deployment. */
export const isSelected = (deployment: Deployment, selector: Labels): boolean =>
  Object.keys(selector).length > 0 &&
  Object.entries(selector).every(([name, value]) => templateLabels(deployment)[name] === value);

/** `purchase-history-v1` → `purchase-history-v2`; a name without its version gets one. At most 63 letters. */
export function nameOfVersion(name: string, stable: string, canary: string): string {
  const base = name.endsWith(`-${stable}`) ? name.slice(0, -stable.length - 1) : name;
  return `${base.slice(0, 62 - canary.length)}-${canary}`;
}

/** Labels of another version: whichever say a version say the new one, and `version` always does. */
function relabelled(labels: Labels, canary: string): Record<string, string> {
  const told = versionLabels.filter((label) => labels[label] !== undefined);
  const { "pod-template-hash": _hash, ...kept } = labels;
  return { ...kept, ...Object.fromEntries(told.map((label) => [label, canary])), version: canary };
}

export interface Made {
  readonly rolloutId: string;
  readonly service: ServiceRef;
  readonly stable: string;
  readonly canary: string;
  readonly start: NewVersion;
}

/** Throws PortalError `invalid-input` when it would run the very same program. */
export function versionDeployment(model: Deployment, { rolloutId, service, stable, canary, start }: Made): Applied {
  if (start.image === "" && start.command.length === 0) {
    throw new PortalError(
      "invalid-input",
      "Enter an image or a command: without either it would be the same program.",
      {
        fields: [{ path: "start.image", message: "Enter an image or a command" }],
      },
    );
  }
  const { metadata, spec } = model;
  const selector = spec?.selector ?? {};
  return {
    apiVersion: apiVersions.Deployment,
    kind: "Deployment",
    metadata: {
      name: nameOfVersion(metadata?.name ?? service.name, stable, canary),
      namespace: service.namespace,
      labels: { ...relabelled(metadata?.labels ?? {}, canary), [managedByLabel]: managedByTowpath },
      annotations: { [madeByAnnotation]: rolloutId, [madeForAnnotation]: service.name },
    },
    spec: {
      ...withoutDefaults(spec ?? {}),
      // One that was stopped says nothing about how many are needed.
      replicas: start.replicas ?? Math.max(1, spec?.replicas ?? 1),
      // Without the version both Deployments would claim each other's pods.
      selector: { ...selector, matchLabels: relabelled(selector.matchLabels ?? {}, canary) },
      template: templateOf(spec?.template ?? { spec: { containers: [] } }, canary, start),
    },
  };
}

/** A Deployment that was paused by hand says nothing about the next one. */
function withoutDefaults(spec: object): object {
  const { paused: _paused, ...rest } = spec as { readonly paused?: boolean };
  return rest;
}

/** The first container is the application's, as Istio's own tools take it. */
function templateOf({ metadata, spec }: Template, canary: string, { image, command }: NewVersion): object {
  const containers = (spec?.containers ?? []).map((container, index) => {
    if (index > 0) {
      return container;
    }
    const { args, ...rest } = container;
    return {
      ...rest,
      ...(image === "" ? {} : { image }),
      // Arguments belong to the command that they were written for.
      ...(command.length > 0 ? { command: [...command] } : args === undefined ? {} : { args }),
    };
  });
  const annotations = metadata?.annotations;
  return {
    metadata: {
      labels: relabelled(metadata?.labels ?? {}, canary),
      ...(annotations === undefined ? {} : { annotations }),
    },
    spec: { ...spec, containers },
  };
}
