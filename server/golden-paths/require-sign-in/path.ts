import type { RequireSignInForm } from "@/server/contracts/golden-paths/access.ts";
import { pathHeads } from "@/server/contracts/golden-paths/heads.ts";
import { type Intent, intentKey, intentsOf } from "../intent.ts";
import { count, type GoldenPath, listNames } from "../path.ts";
import { needWaypoint } from "../waypoint/need-waypoint.ts";
import { signInFindings } from "./findings.ts";
import { signInProbes } from "./probes.ts";

type Values = Omit<RequireSignInForm, "service" | "required">;

const claimsText = ({ claims }: Values): string =>
  claims.map(({ claim, values }) => `${claim} ${listNames(values).replace(/ and ([^ ]+)$/, " or $1")}`).join(" and ");

export const requireSignIn: GoldenPath<"require-sign-in"> = {
  slug: "require-sign-in",
  ...pathHeads["require-sign-in"],
  summary: "Refuse requests without a valid token of your identity provider, or without the right claims.",
  keywords: ["jwt", "oidc", "token", "login", "requestauthentication", "issuer", "claims", "bearer", "sign in"],

  plan(form, context) {
    const { required, ...values } = form;
    const intent: Intent = { slug: "require-sign-in", ...values };
    const key = intentKey(intent);
    const change = { key, before: context.current.get(key), after: required ? intent : undefined, subject: intent };
    return {
      namespaces: [form.service.namespace],
      services: [`${form.service.namespace}/${form.service.name}`],
      changes: [change, ...(required ? needWaypoint(form.service, context) : [])],
    };
  },

  explain(form) {
    const { name } = form.service;
    if (!form.required) {
      return `Takes the rule back: ${name} is called without a token again, by whoever else is let in.`;
    }
    const claims = form.claims.length === 0 ? "" : ` with ${claimsText(form)}`;
    const open = form.openPaths.length === 0 ? "" : `, except ${listNames(form.openPaths)}`;
    return `Lets only requests with a valid token of ${form.issuer}${claims} through to ${name}${open}. A bad token is answered with 401, none with 403. Who may call at all stays as it is.`;
  },

  changeTitle: ({ service, required }) =>
    required ? `Require a signed-in user at ${service.name}` : `Require no signed-in user at ${service.name}`,

  button: (form, { callersCutOff }) =>
    form.required && callersCutOff > 0
      ? `Require sign-in, cut off ${count(callersCutOff, "caller")}`
      : form.required
        ? "Require sign-in"
        : "Take it back",

  confirmWord: () => "",

  inUse: ({ current }) => count(intentsOf(current, "require-sign-in").length, "service"),

  probes: (form, context) =>
    form.required ? signInProbes(form, requireSignIn.plan(form, context).changes, context) : [],

  refill(of) {
    if (of.slug !== "require-sign-in") {
      return undefined;
    }
    const { slug: _slug, ...values } = of;
    const claims = of.claims.length === 0 ? "" : ` with ${claimsText(of)}`;
    return { values: { ...values, required: true }, summary: `a token of ${of.issuer}${claims}` };
  },

  findings: (form, context) => signInFindings(form, requireSignIn.plan(form, context).changes, context),
};
