import type { SignedIn } from "@/server/auth/signed-in.ts";
import type { Prefilled } from "@/server/contracts/golden-paths.ts";
import type { ServiceDetails } from "@/server/contracts/services.ts";
import type { Certificate } from "@/server/contracts/traffic.ts";
import { PortalError } from "@/server/errors.ts";
import { type IntentSet, intentsOf } from "@/server/golden-paths/intent.ts";
import { callerTitle } from "@/server/golden-paths/let-a-caller-in/path.ts";
import { listNames } from "@/server/golden-paths/path.ts";
import { goldenPath } from "@/server/golden-paths/registry.ts";
import { findService, type Inventory, type InventoryService } from "@/server/inventory/model.ts";
import { findPolicies } from "@/server/policies/applied.ts";
import { appliedPolicies } from "@/server/policies/describe.ts";
import type { Portal } from "@/server/portal.ts";
import { NodeFinder } from "@/server/traffic/graph/node-ref.ts";
import { nodeDetailsOf } from "@/server/traffic/node-details.ts";
import { pathsOf } from "@/server/traffic/paths.ts";
import { appliedRouting } from "./applied-routing.ts";
import { serviceList } from "./summaries.ts";

const changesShown = 20;

/** Everything about one service. Throws `not-found`. */
export async function serviceDetails(
  portal: Portal,
  person: SignedIn,
  ref: { namespace: string; name: string },
  windowSeconds: number,
): Promise<ServiceDetails> {
  const { inventory, current } = await portal.changes.context();
  const service = findService(inventory, ref);
  const id = `${ref.namespace}/${ref.name}`;
  const list = await serviceList(portal, person, windowSeconds);
  const summary = list.services.find(({ namespace, name }) => namespace === ref.namespace && name === ref.name);
  if (service === undefined || summary === undefined) {
    throw new PortalError("not-found", `There is no service ${ref.name} in namespace ${ref.namespace}.`);
  }
  const node = await nodeDetailsOf(portal, id, windowSeconds);
  const endMs = portal.traffic.liveEnd();
  const zones = new Map(inventory.nodes.map(({ name, zone }) => [name, zone]));
  const changes = await portal.changes.list({ limit: changesShown, namespace: ref.namespace }, person);
  return {
    windowSeconds,
    summary,
    hostnames: [ref.name, `${ref.name}.${ref.namespace}`, `${ref.name}.${ref.namespace}.svc.cluster.local`],
    ports: [...service.ports],
    podList: service.pods.map((pod) => ({
      name: pod.name,
      version: pod.version,
      node: pod.node,
      zone: zones.get(pod.node) ?? "",
      ip: pod.ip,
      phase: pod.phase,
      ready: pod.ready,
      restarts: pod.restarts,
      captured: pod.captured || pod.proxy,
      serviceAccount: pod.serviceAccount,
      startedUnixMs: pod.startedUnixMs,
    })),
    identities: identitiesFor(portal, service),
    callers: node.callers,
    callees: node.callees,
    paths: pathsOf(
      portal.telemetry.shapes.sum(endMs - windowSeconds * 1_000, endMs).values(),
      new NodeFinder(inventory),
      (_from, to) => to.id === id,
    ),
    answers: node.answers,
    series: node.series,
    policies: appliedPolicies(service, inventory),
    routing: appliedRouting(service, inventory),
    goldenPaths: service.kind !== "service" ? [] : pathsFor(service, inventory, current),
    changes: changes.changes,
  };
}

function identitiesFor({ config, telemetry }: Portal, service: InventoryService): ServiceDetails["identities"] {
  const accounts = [...new Set(service.pods.map(({ serviceAccount }) => serviceAccount))].sort();
  return accounts.map((serviceAccount) => {
    const spiffeId = `spiffe://${config.trustDomain}/ns/${service.namespace}/sa/${serviceAccount}`;
    const certificates = new Map<string, Certificate>();
    for (const proxy of telemetry.proxies.values()) {
      for (const certificate of proxy.certificates) {
        if (certificate.identity === spiffeId) {
          certificates.set(certificate.serial, certificate);
        }
      }
    }
    return { spiffeId, serviceAccount, certificates: [...certificates.values()] };
  });
}

function pathsFor(service: InventoryService, inventory: Inventory, current: IntentSet): ServiceDetails["goldenPaths"] {
  const { namespace, name } = service;
  const policies = findPolicies(inventory);
  const labelled = service.enrolment.labelled;
  const grants = intentsOf(current, "let-a-caller-in").filter(
    (grant) => grant.service.namespace === namespace && grant.service.name === name,
  );
  const port = service.ports[0]?.port;
  const edit = (slug: Prefilled["slug"], values: Prefilled["values"]): Prefilled => ({
    slug,
    title: goldenPath(slug).title,
    reason: "",
    values,
  });
  const scoped = { scope: "namespaces", namespaces: [namespace] };
  return [
    {
      slug: "join-the-mesh",
      title: goldenPath("join-the-mesh").title,
      active: labelled,
      sentence: labelled ? `${service.enrolment.captured} of ${service.enrolment.pods} pods are in the mesh.` : "",
      edit: edit("join-the-mesh", { namespaces: [namespace], enrolled: true }),
    },
    {
      slug: "require-mtls",
      title: goldenPath("require-mtls").title,
      active: policies.requiresMtls(service),
      sentence: policies.requiresMtls(service)
        ? `Plain text is refused${policies.meshRequiresMtls ? " in the whole mesh" : ""}.`
        : "",
      edit: edit("require-mtls", { ...scoped, required: true }),
    },
    {
      slug: "lock-down",
      title: goldenPath("lock-down").title,
      active: policies.namespaceLockedDown(namespace) || policies.meshLockedDown,
      sentence: policies.meshLockedDown
        ? "The whole mesh denies what no rule allows."
        : policies.namespaceLockedDown(namespace)
          ? `${namespace} denies what no rule allows.`
          : "",
      edit: edit("lock-down", { ...scoped, locked: true, keepGatewaysOpen: true }),
    },
    {
      slug: "let-a-caller-in",
      title: goldenPath("let-a-caller-in").title,
      active: grants.length > 0,
      sentence:
        grants.length === 0
          ? ""
          : `${listNames([...new Set(grants.map(({ caller }) => callerTitle(caller, { inventory })))])} may call it.`,
      edit: edit("let-a-caller-in", {
        service: { namespace, name },
        callers: grants.map(({ caller }) => caller),
        ports: grants[0]?.ports ?? (port === undefined ? [] : [port]),
        allowed: true,
      }),
    },
  ];
}
