/** Providers of the mesh's configuration that rules name: authorizers, collectors of logs and traces. Pure. */
import { authorizersOf } from "@/server/golden-paths/ask-an-authorizer/mesh-config.ts";
import type { Inventory } from "@/server/inventory/model.ts";
import { at, type Check, type CheckedMesh } from "./check.ts";
import { atPolicy, eachPolicy } from "./each-policy.ts";
import { portsOfHost, unservedAdvice } from "./hosts.ts";
import { meshConfigOf } from "./mesh-config.ts";

/** What is wrong with where a provider is, and what to do; undefined for nothing. `<host>` or `<namespace>/<host>`. */
function unreachable({ inventory, target }: CheckedMesh, service: string, port: number): string | undefined {
  const host = service.split("/").at(-1) ?? "";
  // Short names are not resolved there: no namespace is theirs.
  const ports = host.includes(".") ? portsOfHost(inventory, host, "") : undefined;
  if (ports !== undefined && isListedOnly(inventory, host) && target === "embedded") {
    return `${host} is outside of the mesh, where it cannot be asked. Run it in the mesh.`;
  }
  if (ports === undefined) {
    return `nobody serves ${host || "no host"}. ${unservedAdvice(inventory.objects, host)}`;
  }
  return ports.includes(port) ? undefined : `${host} has no port ${port}, only ${ports.join(", ")}. Correct the port.`;
}

/** No Service: a ServiceEntry alone speaks of it. */
const isListedOnly = (inventory: Inventory, host: string): boolean =>
  !host.toLowerCase().endsWith(".svc.cluster.local") && portsOfHost(inventory, host, "") !== undefined;

/** CUSTOM with a provider that MeshConfig does not have, or that is not there: what it matches is refused. */
export const authorizers: Check = (mesh) => {
  const known = new Map(authorizersOf(mesh.inventory).map((one) => [one.name, one]));
  return eachPolicy(mesh.inventory, (policy, services) => {
    const name = policy.spec?.provider?.name ?? "";
    if (policy.spec?.action !== "CUSTOM") {
      return [];
    }
    const authorizer = known.get(name);
    if (authorizer === undefined) {
      const message = `It asks ${name || "nobody"}, whom the mesh does not know. Every request that it is about is refused, though its status says that it is accepted. Enter the authorizer in the mesh's configuration.`;
      return [atPolicy(policy, services, "authorizer-missing", message)];
    }
    const wrong = unreachable(mesh, authorizer.service, authorizer.port);
    const message = `It asks ${name}, and every request that it is about is refused: ${wrong}`;
    return wrong === undefined ? [] : [atPolicy(policy, services, "authorizer-missing", message)];
  });
};

/** What Istio knows without being told. */
const builtIn: ReadonlySet<string> = new Set(["envoy", "prometheus", "stackdriver", "envoyOtelAls"]);

interface Place {
  readonly service: string;
  readonly port: number;
}

/** Where a provider is, whatever its kind; undefined for one that is nowhere, such as a file. */
function placeOf(provider: Readonly<Record<string, unknown>>): Place | undefined {
  const [place] = Object.values(provider).flatMap((value): Place[] => {
    const { service, port } = (typeof value === "object" && value !== null ? value : {}) as Record<string, unknown>;
    return typeof service === "string" ? [{ service, port: Number(port ?? 0) }] : [];
  });
  return place;
}

/** A provider that is unknown, or nowhere, silently gives no logs and no traces. */
export const telemetryProviders: Check = (mesh) => {
  const { inventory } = mesh;
  const known = new Map(meshConfigOf(inventory).providers.map((one) => [one["name"], one]));
  return (inventory.objects.telemetries ?? []).flatMap((one) => {
    const { accessLogging = [], tracing = [], metrics = [] } = one.spec ?? {};
    const named = [...accessLogging, ...tracing, ...metrics].flatMap(({ providers }) =>
      (providers ?? []).map(({ name }) => name),
    );
    const names = [...new Set(named)];
    const missing = names.filter((name) => !known.has(name) && !builtIn.has(name));
    const nowhere = names.flatMap((name) => {
      const place = placeOf(known.get(name) ?? {});
      const wrong = place === undefined ? undefined : unreachable(mesh, place.service, place.port);
      return wrong === undefined ? [] : [`It tells ${name}, and nothing arrives: ${wrong}`];
    });
    return [
      ...(missing.length === 0
        ? []
        : [
            `It tells ${missing.join(", ")}, which the mesh's configuration does not have: nothing is told. Enter the provider there, or name one that it has.`,
          ]),
      ...nowhere,
    ].map((message) => at("Telemetry", one, "reference-dangling", message));
  });
};
