/**
 * A second, plain reading of layer 7 policies for tests: no preparation, no index, no early exits, and regular
 * expressions where the engine has code of its own.
 */
import type {
  HttpAuthorization,
  HttpCondition,
  HttpOperation,
  HttpRule,
  HttpSource,
  VerifiedToken,
} from "./http-model.ts";
import type { CidrMatch, StringMatch } from "./model.ts";
import type { RequestAttributes } from "./request-attributes.ts";

type Given = Omit<RequestAttributes, "connection">;
type Is<V> = (value: V, stricter: boolean) => boolean;

/** What the engine should answer. `tcp` for connections without HTTP. */
export function expected(policies: readonly HttpAuthorization[], at: Given, tcp: boolean) {
  const hits = (action: string, dryRun: boolean) =>
    policies.filter(
      (policy) =>
        policy.action === action &&
        policy.dryRun === dryRun &&
        policy.rules.some((rule) => holds(rule, action, at, tcp)),
    );
  const allowed = (dryRun: boolean) =>
    hits("DENY", dryRun).length === 0 &&
    (!policies.some((policy) => policy.action === "ALLOW" && policy.dryRun === dryRun) ||
      hits("ALLOW", dryRun).length > 0);
  const keys = (action: string) => hits(action, false).map(({ namespace, name }) => `${namespace}/${name}`);
  return {
    allowed: allowed(false) && !(tcp && keys("CUSTOM").length > 0),
    shadow: policies.some(({ action, dryRun }) => dryRun && (action === "ALLOW" || action === "DENY"))
      ? allowed(true)
      : undefined,
    audit: keys("AUDIT"),
    custom: keys("CUSTOM"),
  };
}

function holds({ from, to, when }: HttpRule, action: string, at: Given, tcp: boolean): boolean {
  const allow = action === "ALLOW";
  const http = JSON.stringify([from, to, when.map(({ key }) => key)]);
  if (allow && tcp && /equestPrincipals|osts"|ethods"|aths"|"request\./.test(http)) {
    return false;
  }
  const field = <V>(values: readonly V[] | undefined, notValues: readonly V[] | undefined, is: Is<V>): boolean =>
    (!values?.length || values.some((value) => is(value, !allow))) && !notValues?.some((value) => is(value, allow));
  const httpField: typeof field = (values, notValues, is) => tcp || field(values, notValues, is);
  const tokenField: typeof field = (values, notValues, is) => action === "CUSTOM" || httpField(values, notValues, is);
  const [, , ns, , sa] = at.sourcePrincipal?.split("/") ?? [];
  const text = (value: string | undefined) => (match: StringMatch) => value !== undefined && pattern(match).test(value);
  const inside =
    (ip: string): Is<CidrMatch> =>
    (range, stricter) =>
      range.length < 0 ? stricter : within(range, ip);
  const source = (s: HttpSource): boolean =>
    [
      field(s.principals, s.notPrincipals, text(at.sourcePrincipal)),
      field(s.namespaces, s.notNamespaces, (match) => ns !== undefined && globOf(match).test(ns)),
      field(s.serviceAccounts, s.notServiceAccounts, (match) => match.namespace === ns && match.serviceAccount === sa),
      field(s.ipBlocks, s.notIpBlocks, inside(at.sourceIp)),
      field(s.remoteIpBlocks, s.notRemoteIpBlocks, inside(at.remoteIp ?? at.sourceIp)),
      tokenField(s.requestPrincipals, s.notRequestPrincipals, (match) => principal(match, at.token)),
    ].every(Boolean);
  const operation = (o: HttpOperation): boolean =>
    [
      httpField(o.hosts, o.notHosts, (match) => pattern(match, "i").test(at.host)),
      httpField(o.methods, o.notMethods, text(at.method)),
      httpField(o.paths, o.notPaths, (match, stricter) => path(match, at.path, stricter)),
      field(o.ports, o.notPorts, (port) => port === at.destinationPort),
    ].every(Boolean);
  const condition = ({ key, values, notValues }: HttpCondition): boolean => {
    const name = /^[a-z.]+/.exec(key)?.[0];
    const is: Record<string, Is<StringMatch>> = {
      "source.principal": text(at.sourcePrincipal),
      "source.namespace": text(ns),
      "source.ip": (match, stricter) => textRange(match, at.sourceIp, stricter),
      "remote.ip": (match, stricter) => textRange(match, at.remoteIp ?? at.sourceIp, stricter),
      "destination.ip": (match, stricter) => textRange(match, at.destinationIp, stricter),
      "destination.port": (match) => written(match) === String(at.destinationPort),
      "connection.sni": text(at.sni || undefined),
      "request.headers": (match) => {
        const value = at.header(/\[(.*)\]/.exec(key)?.[1]?.toLowerCase() ?? "");
        return value !== undefined && (match.kind === "presence" || pattern(match).test(value));
      },
      "request.auth.principal": (match) => principal(match, at.token),
      "request.auth.audiences": (match) => at.token?.audiences.some((one) => pattern(match).test(one)) ?? false,
      "request.auth.presenter": text(at.token?.presenter || undefined),
      "request.auth.claims": (match) => claim(key, at.token).some((one) => pattern(match).test(one)),
    };
    const known = is[name ?? ""];
    if (known === undefined || name === "experimental.envoy.filters") {
      return !allow;
    }
    const fieldOf = name?.startsWith("request.auth.") ? tokenField : name?.startsWith("request.") ? httpField : field;
    return fieldOf(values, notValues, known);
  };
  return (from.length === 0 || from.some(source)) && (to.length === 0 || to.some(operation)) && when.every(condition);
}

const written = (match: StringMatch): string =>
  ({
    presence: "*",
    exact: "value" in match ? match.value : "",
    prefix: "value" in match ? `${match.value}*` : "",
    suffix: "value" in match ? `*${match.value}` : "",
  })[match.kind];

const quoted = (text: string): string => text.replace(/[.*+?^${}()|[\]\\/-]/g, "\\$&");

function pattern(match: StringMatch, flags = ""): RegExp {
  const value = match.kind === "presence" ? "" : quoted(match.value);
  const source = { presence: "^.+$", exact: `^${value}$`, prefix: `^${value}`, suffix: `${value}$` }[match.kind];
  return new RegExp(source, `s${flags}`);
}

const globOf = (match: StringMatch): RegExp =>
  match.kind === "presence" ? /./ : new RegExp(`^${written(match).split("*").map(quoted).join(".*")}$`);

const bits = (ip: string): string =>
  ip
    .split(".")
    .map((part) => Number(part).toString(2).padStart(8, "0"))
    .join("");
const within = ({ address, length }: CidrMatch, ip: string): boolean =>
  bits(ip).startsWith(bits(address).slice(0, length));

function textRange(match: StringMatch, ip: string, stricter: boolean): boolean {
  const [, address, length = "32"] = /^([0-9.]+)(?:\/(\d+))?$/.exec(written(match)) ?? [];
  return address === undefined ? stricter : within({ address, length: Number(length) }, ip);
}

function path(match: StringMatch, given: string, stricter: boolean): boolean {
  if (match.kind !== "exact" || !/\{\*{1,2}\}/.test(match.value)) {
    return pattern(match).test(given);
  }
  if (!/^(\/(\{\*\}|[^{}*/]*))*(\/\{\*\*\}(\/[^{}*/]*)*)?$/.test(match.value)) {
    return stricter;
  }
  const characters = stricter ? "^/" : "a-zA-Z0-9\\-._~%!$&'()+,;:@";
  const rest = stricter ? ".*" : `[${characters}/]*`;
  const source = match.value
    .split(/(\{\*{1,2}\})/)
    .map((part) => ({ "{*}": `[${characters}]+`, "{**}": rest })[part] ?? quoted(part));
  return new RegExp(`^${source.join("")}$`, "s").test(given);
}

/** `iss/sub` in a policy: split at the last slash, a star at one end of it. */
function principal(match: StringMatch, token: VerifiedToken | undefined): boolean {
  const iss = token?.claims["iss"];
  const sub = token?.claims["sub"];
  if (typeof iss !== "string" || typeof sub !== "string") {
    return false;
  }
  const value = written(match);
  const slash = value.lastIndexOf("/");
  const any = /^.+$/s;
  const side = (part: string): RegExp =>
    part === "*" ? any : new RegExp(`^${quoted(part).replaceAll("\\*", ".*")}$`, "s");
  if (value === "*") {
    return any.test(iss) && any.test(sub);
  }
  if (slash === -1) {
    return value.startsWith("*")
      ? any.test(iss) && side(value).test(sub)
      : value.endsWith("*")
        ? side(value).test(iss) && any.test(sub)
        : iss === value && sub === "";
  }
  return side(value.slice(0, slash)).test(iss) && side(value.slice(slash + 1)).test(sub);
}

function claim(key: string, token: VerifiedToken | undefined): readonly string[] {
  const names = [...key.matchAll(/\[([^\]]*)\]/g)].map(([, name]) => name ?? "");
  const value = names.reduce<unknown>(
    (inner, name) => (inner as Record<string, unknown> | undefined)?.[name],
    token?.claims ?? {},
  );
  const list = Array.isArray(value)
    ? value
    : names.join() === "scope" && typeof value === "string"
      ? value.split(" ")
      : [value];
  return list.filter(
    (item): item is string => (typeof item === "string" && item !== "") || (item === "" && names.join() !== "scope"),
  );
}
