/** gateway.networking.k8s.io/v1 Gateway (experimental channel of Gateway API 1.4): schema and type. */
import type * as z from "zod";
import {
  addressesRules,
  addressRules,
  allDistinct,
  listenerRules,
  metadataKeyRules,
  tlsRules,
} from "./gateway-api/gateway-rules.ts";
import { group, hostname, kind, namespace, objectName, portNumber, sectionName } from "./gateway-api/names.ts";
import { dict, int32, keyed, list, oneOf, rules, str, struct } from "./schema/builders.ts";
import { gatewayCondition, labelSelector, object } from "./schema/object-meta.ts";

const waiting = (type: string) => ({
  lastTransitionTime: "1970-01-01T00:00:00Z",
  message: "Waiting for controller",
  reason: "Pending",
  status: "Unknown",
  type,
});
const pending = [waiting("Accepted"), waiting("Programmed")];

const namespacesFrom = <const T extends readonly [string, ...string[]]>(values: T, byDefault: T[number]) =>
  struct(
    "v1.RouteNamespaces",
    {},
    { from: oneOf(values, { default: byDefault }), selector: labelSelector },
    { default: { from: byDefault } },
  );

const secretReference = struct(
  "v1.SecretObjectReference",
  { name: objectName() },
  { group: group(""), kind: kind("Secret"), namespace: namespace() },
);

const routeGroupKind = struct("v1.RouteGroupKind", { kind: kind() }, { group: group("gateway.networking.k8s.io") });

const listener = struct(
  "v1.Listener",
  {
    name: sectionName().describe("Unique within the Gateway; routes may attach to one listener by it."),
    port: portNumber().describe("Port at which the listener is reached."),
    protocol: str({
      minLength: 1,
      maxLength: 255,
      pattern:
        "^[a-zA-Z0-9]([-a-zA-Z0-9]*[a-zA-Z0-9])?$|[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\\/[A-Za-z0-9]+$",
    }).describe("HTTP, HTTPS, TLS, TCP, UDP, or HBONE for waypoints."),
  },
  {
    hostname: hostname().describe("Requests for this host only; a leading `*.` takes all its subdomains."),
    tls: rules(
      struct(
        "v1.ListenerTLSConfig",
        {},
        {
          mode: oneOf(["Terminate", "Passthrough"], { default: "Terminate" }).describe("Where TLS ends."),
          certificateRefs: list(secretReference, { maxItems: 64 }).describe("Secrets with certificate and key."),
          options: dict(str({ minLength: 0, maxLength: 4096 }), { maxProperties: 16 }),
        },
      ),
      ...tlsRules,
    ),
    allowedRoutes: struct(
      "v1.AllowedRoutes",
      {},
      {
        namespaces: namespacesFrom(["All", "Selector", "Same"], "Same").describe("Namespaces of the routes."),
        kinds: list(routeGroupKind, { maxItems: 8 }).describe("Kinds of routes; those of the protocol by default."),
      },
      { default: { namespaces: { from: "Same" } } },
    ).describe("Which routes may attach."),
  },
);

const addressType = str({
  default: "IPAddress",
  minLength: 1,
  maxLength: 253,
  pattern:
    "^Hostname|IPAddress|NamedAddress|[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\\/[A-Za-z0-9\\/\\-._~%!$&'()*+,;=:]+$",
});

const frontendValidation = struct(
  "v1.TLSConfig",
  {},
  {
    validation: struct(
      "v1.FrontendTLSValidation",
      {
        caCertificateRefs: list(
          struct(
            "v1.ObjectReference",
            { group: group(), kind: kind(), name: objectName() },
            { namespace: namespace() },
          ),
          { minItems: 1, maxItems: 8 },
        ),
      },
      { mode: oneOf(["AllowValidOnly", "AllowInsecureFallback"], { default: "AllowValidOnly" }) },
    ),
  },
);

const gatewaySpec = struct(
  "v1.GatewaySpec",
  {
    gatewayClassName: objectName().describe("Who serves the Gateway: istio, or istio-waypoint for waypoints."),
    listeners: rules(keyed(listener, ["name"], { minItems: 1, maxItems: 64 }), ...listenerRules).describe(
      "Where requests come in.",
    ),
  },
  {
    addresses: rules(
      list(
        rules(
          struct("v1.GatewaySpecAddress", {}, { type: addressType, value: str({ maxLength: 253 }) }),
          ...addressRules(true),
        ),
        { maxItems: 16 },
      ),
      ...addressesRules,
    ).describe("Wished addresses."),
    infrastructure: struct(
      "v1.GatewayInfrastructure",
      {},
      {
        labels: rules(
          dict(str({ minLength: 0, maxLength: 63, pattern: "^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$" }), {
            maxProperties: 8,
          }),
          ...metadataKeyRules("Label"),
        ),
        annotations: rules(
          dict(str({ minLength: 0, maxLength: 4096 }), { maxProperties: 8 }),
          ...metadataKeyRules("Annotation"),
        ),
        parametersRef: struct("v1.LocalParametersReference", { group: group(), kind: kind(), name: objectName() }, {}),
      },
    ).describe("Labels and annotations for what is made for the Gateway."),
    allowedListeners: struct(
      "v1.AllowedListeners",
      {},
      { namespaces: namespacesFrom(["All", "Selector", "Same", "None"], "None") },
    ),
    defaultScope: oneOf(["All", "None"]).describe("Whether routes without parents may attach."),
    tls: struct(
      "v1.GatewayTLSConfig",
      {},
      {
        backend: struct("v1.GatewayBackendTLS", {}, { clientCertificateRef: secretReference }),
        frontend: struct(
          "v1.FrontendTLSConfig",
          { default: frontendValidation },
          {
            perPort: rules(
              keyed(struct("v1.TLSPortConfig", { port: portNumber(), tls: frontendValidation }, {}), ["port"], {
                maxItems: 64,
              }),
              {
                message: "Port for TLS configuration must be unique within the Gateway",
                check: (self) => allDistinct(self, (entry) => String(entry.port)),
              },
            ),
          },
        ),
      },
    ),
  },
);

export const gatewaySchema = object(
  "Gateway",
  "gateway.networking.k8s.io/v1",
  "v1.Gateway",
  { spec: gatewaySpec.describe("Where requests come in, and who serves them.") },
  {
    status: struct(
      "v1.GatewayStatus",
      {},
      {
        addresses: list(
          rules(
            struct("v1.GatewayStatusAddress", { value: str({ minLength: 1, maxLength: 253 }) }, { type: addressType }),
            ...addressRules(false),
          ),
          { maxItems: 16 },
        ),
        conditions: keyed(gatewayCondition, ["type"], { maxItems: 8, default: pending }),
        listeners: keyed(
          struct(
            "v1.ListenerStatus",
            {
              name: sectionName(),
              supportedKinds: list(routeGroupKind, { maxItems: 8 }),
              attachedRoutes: int32(),
              conditions: keyed(gatewayCondition, ["type"], { maxItems: 8 }),
            },
            {},
          ),
          ["name"],
          { maxItems: 64 },
        ),
      },
      { default: { conditions: pending } },
    ).describe("What the controller says."),
  },
);

export type Gateway = z.infer<typeof gatewaySchema>;
export type GatewayListener = z.infer<typeof listener>;
