/** What validation says about asking an authorizer. Pure. */
import type { AskAnAuthorizerForm } from "@/server/contracts/golden-paths/access.ts";
import type { Finding } from "@/server/contracts/golden-paths.ts";
import { findService, type Inventory } from "@/server/inventory/model.ts";
import { outcomeOf } from "../access/outcome.ts";
import { neverMatches } from "../access/path-pattern.ts";
import { ruleFindings } from "../access/rule-findings.ts";
import { enrolmentFindings, unknownService } from "../access/service-findings.ts";
import { unreadService } from "../access/unread-ports.ts";
import type { IntentChange } from "../intent.ts";
import { finding, listNames, type PathContext } from "../path.ts";
import { authorizersOf, canExtend, meshConfigPlace } from "./mesh-config.ts";

export function authorizerFindings(
  form: AskAnAuthorizerForm,
  changes: readonly IntentChange[],
  context: PathContext,
): Finding[] {
  const { inventory } = context;
  const service = findService(inventory, form.service);
  if (service === undefined) {
    return unknownService(form.service, inventory);
  }
  if (!form.asked) {
    return [...enrolmentFindings(service), ...stillAsked(form, context)];
  }
  const found = [
    ...enrolmentFindings(service),
    ...unreadService(service, inventory, "nobody can be asked about what is sent there, so that it is refused"),
    ...(form.add === null ? knownFindings(form, inventory) : addedFindings(form, context)),
    ...scopeFindings(form),
  ];
  if (found.every(({ level }) => level !== "error")) {
    found.push(...ruleFindings(service, changes, outcomeOf(changes, context), context));
  }
  return found;
}

/** One that the mesh has. */
function knownFindings({ authorizer }: AskAnAuthorizerForm, inventory: Inventory): Finding[] {
  const known = authorizersOf(inventory);
  const found = known.find(({ name }) => name === authorizer);
  if (found === undefined) {
    const [only] = known;
    const offered = only === undefined ? "It knows none yet" : `It knows ${listNames(known.map(({ name }) => name))}`;
    const message = `The mesh does not know the authorizer ${authorizer}: every request it is asked about would be refused. ${offered}. A platform engineer can add one.`;
    const repair = only === undefined ? null : { title: `Ask ${only.name}`, values: { authorizer: only.name } };
    return [finding("error", "authorizer-missing", "authorizer", message, { repair, place: meshConfigPlace })];
  }
  const answers = isThere(found.service, found.port, inventory);
  return [
    ...(answers
      ? []
      : [
          finding(
            "error",
            "authorizer-missing",
            "authorizer",
            `${authorizer} is to be asked at ${found.service}, port ${found.port}, which does not exist: every request it is asked about would be refused. Deploy it, or correct the mesh's configuration.`,
            { place: meshConfigPlace },
          ),
        ]),
    ...(found.failOpen
      ? [
          finding(
            "warning",
            "rule-without-effect",
            "authorizer",
            `${authorizer} is set up so that requests pass when it does not answer. A platform engineer can change that in the mesh's configuration.`,
            { place: meshConfigPlace },
          ),
        ]
      : []),
  ];
}

/** One that the mesh is to learn of. */
function addedFindings(form: AskAnAuthorizerForm, { inventory, current }: PathContext): Finding[] {
  const { authorizer, add } = form;
  if (add === null) {
    return [];
  }
  const found: Finding[] = [];
  if (!canExtend(inventory)) {
    const message =
      "The mesh's configuration cannot be read as YAML, so that nothing can be added to it. Repair it first.";
    found.push(finding("error", "managed-elsewhere", "add", message, { place: meshConfigPlace }));
  }
  const taken = authorizersOf(inventory).some(({ name }) => name === authorizer);
  if (taken && !current.has(`know-an-authorizer/${authorizer}`)) {
    const message = `The mesh has an authorizer named ${authorizer} already, which was not added here. Use it as it is, or take another name.`;
    const repair = { title: "Use it as it is", values: { add: null } };
    found.push(finding("error", "managed-elsewhere", "authorizer", message, { repair, place: meshConfigPlace }));
  }
  const service = findService(inventory, add.service);
  if (service === undefined) {
    const message = `There is no service ${add.service.name} in namespace ${add.service.namespace}: nobody would answer, and everything is refused.`;
    found.push(finding("error", "authorizer-missing", "add.service", message));
  } else if (service.ports.every(({ port }) => port !== add.port)) {
    const offered = listNames(service.ports.map(({ port }) => String(port)));
    const [only] = service.ports;
    const repair =
      only === undefined ? null : { title: `Use ${only.port}`, values: { add: { ...add, port: only.port } } };
    found.push(
      finding("error", "unknown-port", "add.port", `${service.name} has no port ${add.port}. It offers ${offered}.`, {
        repair,
      }),
    );
  } else if (service.pods.length === 0) {
    const message = `${service.name} has no running pods: until it has, every request it is asked about is refused.`;
    found.push(finding("warning", "no-pods", "add.service", message));
  }
  if (add.service.namespace === form.service.namespace && add.service.name === form.service.name) {
    const message = `${form.service.name} cannot decide about its own requests: they would never get through to it.`;
    found.push(finding("error", "rule-without-effect", "add.service", message));
  }
  return found;
}

/** A Service by its host, or a host that a ServiceEntry names. */
function isThere(host: string, port: number, inventory: Inventory): boolean {
  const name = host.includes("/") ? host.slice(host.indexOf("/") + 1) : host;
  const [, service, namespace] = /^([^.]+)\.([^.]+)(\.svc(\.[a-z0-9.-]+)?)?$/.exec(name) ?? [];
  const offers = inventory.objects.services.some(
    ({ metadata, spec }) =>
      metadata?.name === service &&
      metadata?.namespace === namespace &&
      (spec?.ports ?? []).some((one) => one.port === port),
  );
  return offers || inventory.objects.serviceEntries.some(({ spec }) => spec?.hosts?.includes(name) === true);
}

function scopeFindings({ paths, exceptPaths }: AskAnAuthorizerForm): Finding[] {
  const never = (list: readonly string[], field: "paths" | "exceptPaths"): Finding[] =>
    list.flatMap((path, index) => {
      const why = neverMatches(path);
      const repair = { title: `Leave ${path} away`, values: { [field]: list.filter((_, at) => at !== index) } };
      return why === ""
        ? []
        : [
            finding("error", "value-never-matches", `${field}.${index}`, `No request has the path ${path}: ${why}.`, {
              repair,
            }),
          ];
    });
  const all = exceptPaths.findIndex((path) => ["*", "/*", "/{**}"].includes(path));
  const nothing =
    all < 0
      ? []
      : [
          finding(
            "error",
            "rule-without-effect",
            `exceptPaths.${all}`,
            "Every path is excepted: nobody would ever be asked.",
            {
              repair: { title: "Leave it away", values: { exceptPaths: exceptPaths.filter((_, at) => at !== all) } },
            },
          ),
        ];
  return [...never(paths, "paths"), ...never(exceptPaths, "exceptPaths"), ...nothing];
}

/** The mesh is to forget an authorizer that others still ask. */
function stillAsked({ authorizer, add, service }: AskAnAuthorizerForm, { current }: PathContext): Finding[] {
  const others = [...current.values()].filter(
    (one) =>
      one.slug === "ask-an-authorizer" &&
      one.authorizer === authorizer &&
      (one.service.namespace !== service.namespace || one.service.name !== service.name),
  );
  const [first] = others;
  if (add === null || first?.slug !== "ask-an-authorizer") {
    return [];
  }
  const message = `${first.service.name} asks ${authorizer} too: when the mesh forgets it, every request it is asked about is refused. Keep it known.`;
  const repair = { title: "Keep it known", values: { add: null } };
  return [finding("error", "authorizer-missing", "add", message, { repair })];
}
