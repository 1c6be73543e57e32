/** security.istio.io/v1 AuthorizationPolicy: schema and type. */
import type * as z from "zod";
import { oneSelection, policyTargetReference, targetReferences, workloadSelector } from "./istio/selection.ts";
import { istioStatus } from "./istio/status.ts";
import { list, oneOf, rules, str, struct } from "./schema/builders.ts";
import { object } from "./schema/object-meta.ts";

const texts = () => list(str());
const serviceAccounts = () => list(str({ maxLength: 320 }), { maxItems: 16 });

const source = rules(
  struct(
    "v1beta1.Source",
    {},
    {
      principals: texts().describe("Peer identities (`<trust domain>/ns/<namespace>/sa/<account>`)."),
      notPrincipals: texts().describe("None of these peer identities."),
      requestPrincipals: texts().describe("Token identities (`<issuer>/<subject>`)."),
      notRequestPrincipals: texts().describe("None of these token identities; `*` is: no token."),
      namespaces: texts().describe("Namespaces of the peers."),
      notNamespaces: texts().describe("None of these namespaces."),
      ipBlocks: texts().describe("Addresses or networks of the peers."),
      notIpBlocks: texts().describe("None of these networks."),
      remoteIpBlocks: texts().describe("Addresses of the first client, as forwarding headers tell them."),
      notRemoteIpBlocks: texts().describe("None of these first clients."),
      serviceAccounts: serviceAccounts().describe(
        "Peers by `<namespace>/<account>`, or `<account>` of this namespace.",
      ),
      notServiceAccounts: serviceAccounts().describe("None of these accounts."),
    },
  ),
  {
    message: "Cannot set serviceAccounts with namespaces or principals",
    check: (self) =>
      (self.serviceAccounts === undefined && self.notServiceAccounts === undefined) ||
      [self.principals, self.notPrincipals, self.namespaces, self.notNamespaces].every((field) => field === undefined),
  },
);

const operation = struct(
  "v1beta1.Operation",
  {},
  {
    hosts: texts().describe("Hosts of the request; letter case does not matter."),
    notHosts: texts().describe("None of these hosts."),
    ports: texts().describe("Ports: of the pod at layer 4, of the service at a waypoint."),
    notPorts: texts().describe("None of these ports."),
    methods: texts().describe("HTTP methods, in upper case."),
    notMethods: texts().describe("None of these methods."),
    paths: texts().describe("Paths: exact, `/a*`, `*/b`, or templates with `{*}` and a final `{**}`."),
    notPaths: texts().describe("None of these paths."),
  },
);

const rule = struct(
  "v1beta1.Rule",
  {},
  {
    from: list(
      struct("v1beta1.Rule_From", {}, { source: source.describe("Everything named must hold of the caller.") }),
      { maxItems: 512 },
    ).describe("Callers; any when absent."),
    to: list(
      struct("v1beta1.Rule_To", {}, { operation: operation.describe("Everything named must hold of the request.") }),
    ).describe("Operations; any when absent."),
    when: list(
      struct(
        "v1beta1.Condition",
        { key: str().describe("An attribute, such as `request.headers[x-a]` or `source.namespace`.") },
        { values: texts().describe("One of these."), notValues: texts().describe("None of these.") },
      ),
    ).describe("Further conditions, all of which must hold."),
  },
);

const authorizationPolicySpec = rules(
  struct(
    "v1beta1.AuthorizationPolicy",
    {},
    {
      selector: workloadSelector.describe("Workloads that the policy acts on; the whole namespace when absent."),
      targetRef: policyTargetReference.clone().describe("One target; prefer targetRefs."),
      targetRefs: targetReferences.describe("Services or gateways that the policy acts on, at their waypoint."),
      rules: list(rule, { maxItems: 512 }).describe("A request matches when one rule does. None: nothing matches."),
      action: oneOf(["ALLOW", "DENY", "AUDIT", "CUSTOM"]).describe("What to do on a match; ALLOW by default."),
      provider: struct(
        "v1beta1.AuthorizationPolicy_ExtensionProvider",
        {},
        { name: str().describe("Name in the mesh's configuration.") },
      ).describe("The external authorizer, for CUSTOM."),
    },
  ),
  oneSelection,
);

export const authorizationPolicySchema = object(
  "AuthorizationPolicy",
  "security.istio.io/v1",
  "v1.AuthorizationPolicy",
  {},
  { spec: authorizationPolicySpec.describe("Who may call whom."), status: istioStatus },
);

export type AuthorizationPolicy = z.infer<typeof authorizationPolicySchema>;
export type AuthorizationRule = z.infer<typeof rule>;
export type AuthorizationSource = z.infer<typeof source>;
export type AuthorizationOperation = z.infer<typeof operation>;
