/**
 * Authorizers in the mesh's configuration: ConfigMap `istio` of the root namespace, `data.mesh`, one YAML text that others
 * write too. Pure.
 */
import { type Document, isMap, isSeq, parseDocument } from "yaml";
import type { ConfigMap } from "@/mesh-runtime/api/configmap.ts";
import { rootNamespace } from "@/server/inventory/labels.ts";
import type { Inventory } from "@/server/inventory/model.ts";
import { intentsOfResource } from "../from-manifest.ts";
import type { IntentOf } from "../intent.ts";
import { canonical, partOf, type Rendered } from "../resource.ts";

type Known = IntentOf<"know-an-authorizer">;

const meshConfigName = "istio";
/** For findings. */
export const meshConfigPlace = `ConfigMap ${rootNamespace}/${meshConfigName}`;
const textMax = 256 * 1_024;

/** As it is live; undefined when there is none. */
const liveConfig = ({ objects }: Inventory): ConfigMap | undefined =>
  objects.configMaps.find(({ metadata }) => metadata?.name === meshConfigName && metadata.namespace === rootNamespace);

/** The parsed text; undefined when it is no YAML mapping. */
function readText(text: string): Document | undefined {
  if (text.length > textMax) {
    return undefined;
  }
  const document = parseDocument(text);
  const usable = document.errors.length === 0 && (document.contents === null || isMap(document.contents));
  return usable ? document : undefined;
}

/** The mesh's configuration can be read and added to. */
export const canExtend = (inventory: Inventory): boolean =>
  readText(liveConfig(inventory)?.data?.["mesh"] ?? "") !== undefined;

/** An external authorizer that the mesh knows. */
interface Authorizer {
  readonly name: string;
  readonly protocol: "http" | "grpc";
  /** Host, with a namespace in front where it was written so. */
  readonly service: string;
  readonly port: number;
  /** A request passes when it does not answer. */
  readonly failOpen: boolean;
}

const fields = { http: "envoyExtAuthzHttp", grpc: "envoyExtAuthzGrpc" } as const;

/** Those of the live configuration, by name; empty for one that cannot be read. */
export function authorizersOf(inventory: Inventory): Authorizer[] {
  const config: unknown = readText(liveConfig(inventory)?.data?.["mesh"] ?? "")?.toJS({ maxAliasCount: 0 });
  const providers = object(config)["extensionProviders"];
  return (Array.isArray(providers) ? providers : [])
    .flatMap((provider): Authorizer[] => {
      const name = object(provider)["name"];
      const protocol = (["http", "grpc"] as const).find((one) => fields[one] in object(provider));
      if (typeof name !== "string" || protocol === undefined) {
        return [];
      }
      const { service, port, failOpen } = object(object(provider)[fields[protocol]]);
      return [{ name, protocol, service: String(service ?? ""), port: Number(port ?? 0), failOpen: failOpen === true }];
    })
    .sort((one, other) => (one.name < other.name ? -1 : 1));
}

const object = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};

/** Authorizers of ours that the live configuration has, as its annotation tells. */
const formerlyOurs = (live: ConfigMap | undefined): string[] =>
  live === undefined
    ? []
    : intentsOfResource({ ...live, kind: "ConfigMap" }).flatMap((one) =>
        one.slug === "know-an-authorizer" ? [one.name] : [],
      );

/**
 * The configuration with these authorizers and without those that were ours before. What others wrote stays, with its
 * comments; a text that needs no change stays byte for byte. One that cannot be read is left alone: what asks an unknown
 * authorizer is refused.
 *
 * A text that is there is always rendered, also when nothing of it is ours: what others write is no edit of ours, and
 * giving the field up after the last authorizer would take everybody's settings away with it.
 */
export function meshConfigWith(intents: readonly Known[], inventory: Inventory): Rendered[] {
  const live = liveConfig(inventory);
  const text = live?.data?.["mesh"];
  if (intents.length === 0 && text === undefined) {
    return [];
  }
  const gone = formerlyOurs(live).filter((name) => intents.every((intent) => intent.name !== name));
  const mesh = edited(text ?? "", intents, gone);
  return [partOf("ConfigMap", rootNamespace, meshConfigName, { data: { mesh }, intents })];
}

function edited(text: string, intents: readonly Known[], gone: readonly string[]): string {
  const document = readText(text);
  if (document === undefined) {
    return text;
  }
  let changed = false;
  const indexOf = (name: string): number => {
    const list = document.get("extensionProviders");
    return isSeq(list) ? list.items.findIndex((item) => isMap(item) && item.get("name") === name) : -1;
  };
  for (const name of gone) {
    const index = indexOf(name);
    if (index >= 0) {
      document.deleteIn(["extensionProviders", index]);
      changed = true;
    }
  }
  for (const intent of intents) {
    const wanted = providerOf(intent);
    const index = indexOf(intent.name);
    const known: unknown = index < 0 ? undefined : document.getIn(["extensionProviders", index], true);
    const same = isMap(known) && canonical(known.toJS(document, { maxAliasCount: 0 })) === canonical(wanted);
    if (!same) {
      changed = true;
      if (!isSeq(document.get("extensionProviders"))) {
        document.set("extensionProviders", document.createNode([wanted]));
      } else if (index < 0) {
        document.addIn(["extensionProviders"], document.createNode(wanted));
      } else {
        document.setIn(["extensionProviders", index], document.createNode(wanted));
      }
    }
  }
  return changed ? document.toString({ lineWidth: 0 }) : text;
}

/** As Istio's MeshConfig writes it. A request is refused when nobody answers: no other way is offered. */
function providerOf({ name, at }: Known): object {
  const { protocol, service, port, timeout, headersToCheck, headersToService } = at;
  const host = `${service.name}.${service.namespace}.svc.cluster.local`;
  const common = { service: host, port, timeout, failOpen: false };
  if (protocol === "grpc") {
    return { name, [fields.grpc]: common };
  }
  return {
    name,
    [fields.http]: {
      ...common,
      ...(headersToCheck.length === 0 ? {} : { includeRequestHeadersInCheck: headersToCheck }),
      ...(headersToService.length === 0 ? {} : { headersToUpstreamOnAllow: headersToService }),
    },
  };
}
