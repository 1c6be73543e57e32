import type { ExposeToTheOutsideForm } from "@/server/contracts/golden-paths/edges.ts";
import { pathHeads } from "@/server/contracts/golden-paths/heads.ts";
import { type Intent, intentKey, intentsOf } from "../intent.ts";
import { count, type GoldenPath } from "../path.ts";
import { callerChanges, lockDownChanges, mayGatewayCall } from "./consequences.ts";
import { exposedFindings } from "./findings.ts";

type Form = ExposeToTheOutsideForm;

const addressText = ({ host, path }: Pick<Form, "host" | "path">): string => `${host}${path === "/" ? "" : path}`;

export const exposeToTheOutside: GoldenPath<"expose-to-the-outside"> = {
  slug: "expose-to-the-outside",
  ...pathHeads["expose-to-the-outside"],
  summary: "Serve a service to the world by a host name, with TLS, at a shared gateway.",
  keywords: ["ingress", "gateway", "httproute", "tls", "certificate", "https", "publish", "internet", "host"],

  plan(form, context) {
    const { exposed: _exposed, ...values } = form;
    const intent: Intent = { slug: "expose-to-the-outside", ...values };
    const key = intentKey(intent);
    const own = { key, before: context.current.get(key), after: form.exposed ? intent : undefined, subject: intent };
    const changes = [own, ...callerChanges(form, context), ...lockDownChanges(form, key, context)];
    const locked = changes.flatMap(({ after }) => (after?.slug === "lock-down" ? [after.namespace] : []));
    return {
      changes,
      namespaces: [...new Set([form.service.namespace, form.gateway.namespace, ...locked])].sort(),
      services: [`${form.service.namespace}/${form.service.name}`],
    };
  },

  explain(form, context) {
    const { service, gateway } = form;
    if (!form.exposed) {
      const stays = mayGatewayCall(form, context)
        ? ` That the gateway may call ${service.name} stays a rule of its own.`
        : "";
      return `Takes ${addressText(form)} away from the gateway ${gateway.name}: ${service.name} is not reached by it from outside any more.${stays}`;
    }
    const how =
      form.certificate === null
        ? "in plain HTTP"
        : form.redirectToHttps
          ? "by HTTPS; plain HTTP is sent there"
          : "by HTTPS alone";
    const lets = callerChanges(form, context).length > 0 ? ` The gateway may call ${service.name} from then on.` : "";
    return `Serves ${addressText(form)} to the world at the gateway ${gateway.name}, ${how}, from ${service.name} on port ${form.port}.${lets}`;
  },

  changeTitle: (form) =>
    form.exposed
      ? `Expose ${form.service.name} as ${addressText(form)}`
      : `Take ${addressText(form)} back from ${form.service.name}`,

  button: (form) => exposeToTheOutside.changeTitle(form),

  confirmWord: () => "",

  inUse: ({ current }) => {
    const hosts = new Set(intentsOf(current, "expose-to-the-outside").map(({ host }) => host));
    return count(hosts.size, "host");
  },

  // By HTTPS whoever asks would have to trust the certificate's issuer; that plain HTTP is sent there can be asked.
  probes(form) {
    const redirected = form.certificate !== null && form.redirectToHttps;
    if (!form.exposed || (form.certificate !== null && !redirected)) {
      return [];
    }
    const url = `http://${form.host}${form.path}`;
    const expect = redirected ? ({ kind: "status", status: 301 } as const) : ({ kind: "reaches" } as const);
    return [
      { source: { kind: "outside" }, method: "GET", url, headers: [], expect, sentence: `from outside: GET ${url}` },
    ];
  },

  refill(of) {
    if (of.slug !== "expose-to-the-outside") {
      return undefined;
    }
    const { slug: _slug, ...values } = of;
    const how = of.certificate === null ? "plain HTTP" : "HTTPS";
    return { values: { ...values, exposed: true }, summary: `served as ${addressText(of)} by ${how}` };
  },

  findings: (form, context) => (form.exposed ? exposedFindings(form, context) : []),
};
