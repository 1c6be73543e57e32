/** Starts and stops versions of a service: Deployments beside the stable version's. */
import type { Deployment } from "@/mesh-runtime/api/deployment.ts";
import { toPortalError } from "@/server/changes/cluster-problem.ts";
import type { Applied, Cluster } from "@/server/cluster/cluster.ts";
import type { ResourceRef, ServiceRef } from "@/server/contracts/names.ts";
import type { RolloutSpec } from "@/server/contracts/rollout-spec.ts";
import { PortalError } from "@/server/errors.ts";
import { apiVersions, type Rendered, toYaml } from "@/server/golden-paths/resource.ts";
import { managedByLabel, managedByTowpath } from "@/server/inventory/labels.ts";
import type { LiveInventory } from "@/server/inventory/live-inventory.ts";
import { findService } from "@/server/inventory/model.ts";
import type { Owner, WorkloadPort } from "../ports.ts";
import { masked } from "./masked.ts";
import {
  isSelected,
  type Made,
  madeByAnnotation,
  nameOfVersion,
  versionDeployment,
  versionOf,
} from "./version-deployment.ts";

/** How many pods it had before a release stopped it. */
export const stoppedAnnotation = "towpath.dev/replicas-before-stop";

type Version = RolloutSpec["stable"];

interface WorkloadDeps {
  readonly cluster: Cluster;
  readonly inventory: Pick<LiveInventory, "current">;
}

/** Everything throws PortalError. Each command can be repeated. */
export function createWorkloads({ cluster, inventory }: WorkloadDeps): WorkloadPort {
  const deploymentsOf = (service: ServiceRef): readonly Deployment[] => {
    const selector = findService(inventory.current, service)?.selector ?? {};
    return cluster
      .list("Deployment")
      .filter((one) => one.metadata?.namespace === service.namespace && isSelected(one, selector));
  };

  /** The stable version's; the one whose pods run, where there are several. */
  const modelOf = (service: ServiceRef, version: Version): Deployment => {
    const candidates = deploymentsOf(service).filter((one) => versionOf(one) === version);
    const running = new Set(
      findService(inventory.current, service)
        ?.pods.filter((pod) => pod.version === version)
        .map(({ workload }) => workload),
    );
    const model = candidates.find(({ metadata }) => running.has(metadata?.name ?? "")) ?? candidates[0];
    if (model === undefined) {
      throw new PortalError(
        "not-found",
        `Nothing runs ${version} of ${service.name} as a Deployment, so there is no model for a new version. Start the new version yourself, then choose it.`,
      );
    }
    return model;
  };

  const plan = (made: Made): Applied => versionDeployment(modelOf(made.service, made.stable), made);

  const read = (ref: ResourceRef): Promise<Deployment | undefined> =>
    told(async () => (await cluster.read(ref)) as Deployment | undefined);

  /** Straight from the server: the copy may not have what was just made. */
  const readVersions = async (service: ServiceRef, version: Version): Promise<Deployment[]> => {
    const names = new Set(
      deploymentsOf(service).flatMap((one) => {
        const name = one.metadata?.name ?? "";
        return [name, nameOfVersion(name, versionOf(one), version)];
      }),
    );
    names.add(nameOfVersion(service.name, "", version));
    const found = await Promise.all([...names].map((name) => read(refOf(service, name))));
    return found.filter((one) => one !== undefined).filter((one) => versionOf(one) === version);
  };

  /** Only as it was read: whoever changed it since is asked again. */
  const patch = (deployment: Deployment, replicas: number, stopped: string | null): Promise<void> => {
    const { namespace = "", name = "", resourceVersion } = deployment.metadata ?? {};
    return told(() =>
      cluster.merge(refOf({ namespace, name: "" }, name), {
        metadata: { resourceVersion, annotations: { [stoppedAnnotation]: stopped } },
        spec: { replicas },
      }),
    );
  };

  return {
    async manifest(service, stable, canary, start) {
      const applied = plan({ rolloutId: "", service, stable, canary, start });
      const { annotations: _annotations, ...metadata } = applied.metadata;
      return toYaml(masked({ ...applied, metadata }) as Rendered);
    },

    async start(owner, stable, canary, start) {
      const deployment = plan({ ...madeBy(owner), stable, canary, start });
      const { name } = deployment.metadata;
      const live = await read(refOf(owner.service, name));
      if (live !== undefined) {
        if (isOf(live, owner)) {
          return;
        }
        throw new PortalError(
          "conflict",
          `There is a Deployment ${name} already, and this release did not make it. Choose another version, or release the one that runs.`,
        );
      }
      await told(() => cluster.apply(deployment, { dryRun: true }));
      await told(() => cluster.apply(deployment));
    },

    async remove(owner, canary) {
      for (const one of await readVersions(owner.service, canary)) {
        const { name = "", uid } = one.metadata ?? {};
        if (isOf(one, owner)) {
          // Somebody may have put another one in its place since it was read.
          await told(() => cluster.remove(refOf(owner.service, name), uid === undefined ? {} : { uid }));
        }
      }
    },

    async stop({ service }, version) {
      for (const one of await readVersions(service, version)) {
        const replicas = one.spec?.replicas ?? 1;
        if (isSelected(one, findService(inventory.current, service)?.selector ?? {}) && replicas > 0) {
          await patch(one, 0, String(replicas));
        }
      }
    },

    async resume({ service }, version) {
      for (const one of await readVersions(service, version)) {
        const before = Number(one.metadata?.annotations?.[stoppedAnnotation]);
        if (Number.isInteger(before) && before > 0) {
          // Somebody who started it meanwhile knows better how many it needs.
          await patch(one, Math.max(before, one.spec?.replicas ?? 0), null);
        }
      }
    },

    pods: (service, version) =>
      (findService(inventory.current, service)?.pods ?? [])
        .filter((pod) => pod.version === version)
        .map(({ name, ready, node, restarts, phase }) => ({ name, ready, node, restarts, phase })),
  };
}

const madeBy = ({ rolloutId, service }: Owner): Pick<Made, "rolloutId" | "service"> => ({ rolloutId, service });

const isOf = ({ metadata }: Deployment, { rolloutId }: Owner): boolean =>
  metadata?.labels?.[managedByLabel] === managedByTowpath && metadata.annotations?.[madeByAnnotation] === rolloutId;

const refOf = ({ namespace }: ServiceRef, name: string): ResourceRef => ({
  apiVersion: apiVersions.Deployment,
  kind: "Deployment",
  namespace,
  name,
});

async function told<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw toPortalError(error);
  }
}
