import type { AskAnAuthorizerForm } from "@/server/contracts/golden-paths/access.ts";
import { pathHeads } from "@/server/contracts/golden-paths/heads.ts";
import { rootNamespace } from "@/server/inventory/labels.ts";
import { type Intent, type IntentChange, intentKey, intentsOf } from "../intent.ts";
import { count, type GoldenPath, listNames } from "../path.ts";
import { needWaypoint } from "../waypoint/need-waypoint.ts";
import { authorizerFindings } from "./findings.ts";
import { unaskedProbes } from "./probes.ts";

type Scope = Pick<AskAnAuthorizerForm, "methods" | "paths" | "exceptPaths">;

/** "GET or POST /admin/*, except /admin/health" */
function scopeText({ methods, paths, exceptPaths }: Scope): string {
  const either = (names: readonly string[]): string => listNames(names).replace(/ and ([^ ]+)$/, " or $1");
  const what =
    methods.length + paths.length === 0
      ? "every request"
      : [methods, paths]
          .filter((list) => list.length > 0)
          .map(either)
          .join(" ");
  return exceptPaths.length === 0 ? what : `${what}, except ${listNames(exceptPaths)}`;
}

function changeOf(intent: Intent, wanted: boolean, current: ReadonlyMap<string, Intent>): IntentChange {
  const key = intentKey(intent);
  return { key, before: current.get(key), after: wanted ? intent : undefined, subject: intent };
}

export const askAnAuthorizer: GoldenPath<"ask-an-authorizer"> = {
  slug: "ask-an-authorizer",
  ...pathHeads["ask-an-authorizer"],
  summary: "Let a service of your own decide about each request before it gets through.",
  keywords: ["ext-authz", "external authorization", "opa", "custom", "oauth2 proxy", "policy engine", "authorizer"],

  // An authorizer that the mesh learns of is kept in the root namespace: platform engineers decide.
  plan(form, context) {
    const { service, authorizer, methods, paths, exceptPaths, add, asked } = form;
    const ask: Intent = { slug: "ask-an-authorizer", service, authorizer, methods, paths, exceptPaths };
    const known: Intent[] = add === null ? [] : [{ slug: "know-an-authorizer", name: authorizer, at: add }];
    return {
      namespaces: [service.namespace, ...(add === null ? [] : [rootNamespace])].sort(),
      services: [`${service.namespace}/${service.name}`],
      changes: [
        ...[ask, ...known].map((intent) => changeOf(intent, asked, context.current)),
        ...(asked ? needWaypoint(service, context) : []),
      ],
    };
  },

  explain(form) {
    const { name } = form.service;
    if (!form.asked) {
      return `${form.authorizer} is no longer asked about requests to ${name}: what other rules say holds.${form.add === null ? "" : " The mesh forgets it."}`;
    }
    const added =
      form.add === null
        ? ""
        : ` The whole mesh learns of ${form.authorizer}, at ${form.add.service.name} in ${form.add.service.namespace}.`;
    return `Asks ${form.authorizer} about ${scopeText(form)} to ${name} before it gets through. When it says no, or does not answer, the request is refused.${added}`;
  },

  changeTitle: ({ service, authorizer, asked }) =>
    asked ? `Ask ${authorizer} about ${service.name}` : `Stop asking ${authorizer} about ${service.name}`,

  button: (form) => askAnAuthorizer.changeTitle(form),

  confirmWord: () => "",

  inUse: ({ current }) =>
    count(
      new Set(intentsOf(current, "ask-an-authorizer").map(({ service }) => `${service.namespace}/${service.name}`))
        .size,
      "service",
    ),

  probes: (form, context) => unaskedProbes(form, askAnAuthorizer.plan(form, context).changes, context),

  refill(of) {
    if (of.slug !== "ask-an-authorizer") {
      return undefined;
    }
    const { slug: _slug, ...values } = of;
    return {
      values: { ...values, add: null, asked: true },
      summary: `${of.authorizer} decides about ${scopeText(of)}`,
    };
  },

  findings: (form, context) => authorizerFindings(form, askAnAuthorizer.plan(form, context).changes, context),
};
