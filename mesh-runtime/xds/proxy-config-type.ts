import { create, fromBinary, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import type { HttpAuthorization } from "../policy/http-model.ts";
import {
  type Listener,
  type ListenerSchema,
  PathType,
  Protocol,
  ProxyConfigSchema,
  type RouteMatch,
  type RouteRule,
  type RouteSchema,
  type ValueMatch,
  ValueType,
  type Route as WireRoute,
} from "./gen/proxy-config_pb.js";
import { httpAuthorizationFromWire, httpAuthorizationToWire } from "./http-authorization-wire.ts";
import type { L7Listener, L7Route, L7RouteMatch, L7RouteRule, ProxyConfig } from "./model.ts";
import { decoding, MalformedResource, portNumber, type ResourceType, requiredText } from "./resource-type.ts";

/** Configuration of one L7 proxy, named `<namespace>/<gateway>`. */
export const proxyConfigType: ResourceType<ProxyConfig> = {
  typeUrl: "type.googleapis.com/towpath.l7.v1.ProxyConfig",
  name: ({ namespace, name }) => `${namespace}/${name}`,
  encode: (value) =>
    toBinary(
      ProxyConfigSchema,
      create(ProxyConfigSchema, {
        name: value.name,
        namespace: value.namespace,
        listeners: value.listeners.map(listenerToWire),
      }),
    ),
  decode: (bytes) =>
    decoding(() => {
      const wire = fromBinary(ProxyConfigSchema, bytes);
      return {
        name: requiredText(wire.name, "name"),
        namespace: requiredText(wire.namespace, "namespace"),
        listeners: wire.listeners.map(listenerFromWire),
      };
    }),
};

const pathTypes = {
  Exact: PathType.EXACT_PATH,
  PathPrefix: PathType.PATH_PREFIX,
  RegularExpression: PathType.PATH_REGEX,
} as const;
const valueTypes = { Exact: ValueType.EXACT_VALUE, RegularExpression: ValueType.VALUE_REGEX } as const;

function listenerToWire(listener: L7Listener): MessageInitShape<typeof ListenerSchema> {
  return {
    name: listener.name,
    port: listener.port,
    protocol: Protocol[listener.protocol],
    hostname: listener.hostname,
    routes: listener.routes.map(routeToWire),
    authorizations: listener.authorizations.map(httpAuthorizationToWire),
  };
}

function routeToWire(route: L7Route): MessageInitShape<typeof RouteSchema> {
  return {
    key: route.key,
    createdAtMs: BigInt(Math.trunc(route.createdAtMs)),
    hostnames: [...route.hostnames],
    rules: route.rules.map((rule) => ({
      name: rule.name,
      requestTimeoutMs: rule.requestTimeoutMs,
      backends: rule.backends.map((backend) => ({ ...backend })),
      matches: rule.matches.map((match) => ({
        pathType: pathTypes[match.path.type],
        path: match.path.value,
        method: match.method,
        headers: match.headers.map(valueToWire),
        queryParams: match.queryParams.map(valueToWire),
      })),
    })),
  };
}

const valueToWire = ({ name, type, value }: L7RouteMatch["headers"][number]) => ({
  name,
  type: valueTypes[type],
  value,
});

function listenerFromWire(wire: Listener): L7Listener {
  if (wire.protocol !== Protocol.HTTP) {
    throw new MalformedResource(`listener ${wire.name}: protocol is unknown`);
  }
  const authorizations: HttpAuthorization[] = wire.authorizations.map(httpAuthorizationFromWire);
  return {
    name: requiredText(wire.name, "listener name"),
    port: portNumber(wire.port, `listener ${wire.name}`),
    protocol: "HTTP",
    hostname: wire.hostname,
    routes: wire.routes.map(routeFromWire),
    authorizations,
  };
}

const routeFromWire = (wire: WireRoute): L7Route => ({
  key: requiredText(wire.key, "route key"),
  createdAtMs: Number(wire.createdAtMs),
  hostnames: wire.hostnames,
  rules: wire.rules.map(ruleFromWire),
});

const ruleFromWire = (wire: RouteRule): L7RouteRule => ({
  name: wire.name,
  matches: wire.matches.map(matchFromWire),
  backends: wire.backends.map(({ service, port, weight }) => ({
    service,
    port: portNumber(port, "backend port", { zero: true }),
    weight,
  })),
  requestTimeoutMs: wire.requestTimeoutMs,
});

const matchFromWire = (wire: RouteMatch): L7RouteMatch => ({
  path: { type: nameOf(pathTypes, wire.pathType, "path match"), value: wire.path },
  method: wire.method,
  headers: wire.headers.map(valueFromWire),
  queryParams: wire.queryParams.map(valueFromWire),
});

const valueFromWire = (wire: ValueMatch): L7RouteMatch["headers"][number] => ({
  name: requiredText(wire.name, "match name"),
  type: nameOf(valueTypes, wire.type, "value match"),
  value: wire.value,
});

/** The model's word for a wire enum. A closed table: an unknown value rejects the resource. */
function nameOf<K extends string>(table: Readonly<Record<K, number>>, value: number, field: string): K {
  for (const key in table) {
    if (table[key] === value) {
      return key;
    }
  }
  throw new MalformedResource(`${field}: type ${value} is unknown`);
}
