/** What validation says about requiring a signed-in user. Pure. */
import { effectiveCondition, findCondition } from "@/mesh-runtime/api/conditions.ts";
import type { RequireSignInForm } from "@/server/contracts/golden-paths/access.ts";
import type { Finding } from "@/server/contracts/golden-paths.ts";
import { findService, type Inventory } from "@/server/inventory/model.ts";
import { outcomeOf } from "../access/outcome.ts";
import { neverMatches } from "../access/path-pattern.ts";
import { ruleFindings } from "../access/rule-findings.ts";
import { enrolmentFindings, unknownService } from "../access/service-findings.ts";
import { unreadService } from "../access/unread-ports.ts";
import type { IntentChange } from "../intent.ts";
import { finding, type PathContext } from "../path.ts";
import { checkKeySet } from "./key-set.ts";

export function signInFindings(
  form: RequireSignInForm,
  changes: readonly IntentChange[],
  context: PathContext,
): Finding[] {
  const { inventory } = context;
  const service = findService(inventory, form.service);
  if (service === undefined) {
    return unknownService(form.service, inventory);
  }
  if (!form.required) {
    return enrolmentFindings(service);
  }
  const found = [
    ...enrolmentFindings(service),
    ...unreadService(service, inventory, "no token can be shown there, so that everybody is refused"),
    ...issuerFindings(form),
    ...keyFindings(form, inventory),
    ...headerFindings(form),
    ...openFindings(form),
  ];
  if (found.every(({ level }) => level !== "error")) {
    found.push(...ruleFindings(service, changes, outcomeOf(changes, context), context));
  }
  return found;
}

function issuerFindings({ issuer }: RequireSignInForm): Finding[] {
  if (!issuer.includes("*")) {
    return [];
  }
  const message = "An issuer is compared as it stands in the token: a * would let other issuers in. Name one issuer.";
  return [finding("error", "value-never-matches", "issuer", message)];
}

function keyFindings({ keys, service }: RequireSignInForm, inventory: Inventory): Finding[] {
  if (keys.kind === "inline") {
    const checked = checkKeySet(keys.jwks);
    if (checked.ok) {
      return [];
    }
    const repair =
      checked.repaired === undefined
        ? null
        : { title: "Make it a key set", values: { keys: { kind: "inline", jwks: checked.repaired } } };
    return [finding("error", "keys-not-loaded", "keys.jwks", checked.problem, { repair })];
  }
  return [...unknownHost(keys.url, inventory), ...notLoaded(keys.url, service, inventory)];
}

/** The control plane says whether it has the keys; before the first time it cannot know. */
function notLoaded(url: string, { namespace, name }: RequireSignInForm["service"], inventory: Inventory): Finding[] {
  const live = inventory.objects.requestAuthentications.find(
    ({ metadata }) => metadata?.namespace === namespace && metadata.name === `${name}-sign-in`,
  );
  const said = findCondition(live?.status?.conditions, effectiveCondition);
  const same = live?.spec?.jwtRules?.some(({ jwksUri }) => jwksUri === url) === true;
  if (!same || said?.status !== "False" || said.reason !== "JwksUnavailable") {
    return [];
  }
  const why = (said.message ?? "").replace(/^acts on [^;]*; /, "");
  const message = `The mesh cannot read the keys: ${why}. Until it can, every token is refused. Check the address, or paste the keys.`;
  const place = `RequestAuthentication ${namespace}/${name}-sign-in`;
  return [finding("warning", "keys-not-loaded", "keys.url", message, { place })];
}

/** An address inside of the cluster whose Service does not exist. */
function unknownHost(url: string, inventory: Inventory): Finding[] {
  const host = URL.canParse(url) ? new URL(url).hostname : "";
  const [, name, namespace] = /^([a-z0-9-]+)\.([a-z0-9-]+)\.svc(\.cluster\.local)?$/.exec(host) ?? [];
  const known = inventory.objects.services.some(
    ({ metadata }) => metadata?.name === name && metadata?.namespace === namespace,
  );
  if (name === undefined || known) {
    return [];
  }
  const message = `There is no service ${name} in namespace ${namespace ?? ""}: the keys could not be read, and every token would be refused.`;
  return [finding("error", "keys-not-loaded", "keys.url", message)];
}

/** Istio takes fewer characters in such names than HTTP does. */
const plainName = /^[-_A-Za-z0-9]+$/;

function headerFindings({ claimHeaders, tokenFrom, tokenName }: RequireSignInForm): Finding[] {
  const headers = claimHeaders.flatMap(({ header }, index) =>
    plainName.test(header)
      ? []
      : [
          finding(
            "error",
            "value-never-matches",
            `claimHeaders.${index}.header`,
            `${header} cannot carry a claim: use letters, digits, dashes and underscores.`,
          ),
        ],
  );
  const blank = tokenFrom !== "authorization" && /[^\x21-\x7e]/.test(tokenName);
  return blank
    ? [...headers, finding("error", "value-never-matches", "tokenName", `No request has a ${tokenFrom} named so.`)]
    : headers;
}

function openFindings({ openPaths }: RequireSignInForm): Finding[] {
  return openPaths.flatMap((path, index) => {
    const field = `openPaths.${index}`;
    const repair = {
      title: `Leave ${path} away`,
      values: { openPaths: openPaths.filter((_, at) => at !== index) },
    };
    if (["*", "/*", "/{**}"].includes(path)) {
      const message = "Every path would be open: nobody would need a token.";
      return [finding("error", "rule-without-effect", field, message, { repair })];
    }
    const why = neverMatches(path);
    return why === ""
      ? []
      : [finding("error", "value-never-matches", field, `No request has the path ${path}: ${why}.`, { repair })];
  });
}
