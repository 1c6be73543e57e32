import { isAuthority } from "../../../http1/index.ts";
import type {
  L7Backend,
  L7Cluster,
  L7Filter,
  L7HeaderEdit,
  L7RetryPolicy,
  L7RouteRule,
} from "../../../xds/proxy-config.ts";
import type { LocalReply } from "../../local-reply.ts";
import { routeDefaultRetry } from "../../upstream/retry-policy.ts";
import { type Cors, compileCors } from "../filters/cors.ts";
import { type RequestEdits, requestEdits, responseEdits } from "../filters/header-edits.ts";
import { compilePathEdit, type PathEdit } from "../filters/path-edit.ts";
import { compileRedirect, type Redirect } from "../filters/redirect.ts";

/** How a rule or one of its backends changes what is sent on. */
export interface Changes {
  readonly request: RequestEdits;
  readonly response: readonly L7HeaderEdit[];
  /** Empty: kept. */
  readonly hostname: string;
  readonly path: PathEdit | undefined;
}

/** A backend with its cluster. */
export interface CompiledBackend {
  readonly backend: L7Backend;
  readonly weight: number;
  /** Absent: the reference could not be resolved. */
  readonly cluster: L7Cluster | undefined;
  /** Absent: none. */
  readonly changes: Changes | undefined;
}

/** A rule made ready. */
export interface CompiledRule {
  readonly rule: L7RouteRule;
  /** A filter cannot be used: the rule must answer 500, since leaving a filter out would change what was asked for. */
  readonly broken: boolean;
  readonly cors: Cors | undefined;
  readonly redirect: Redirect | undefined;
  readonly direct: LocalReply | undefined;
  readonly changes: Changes | undefined;
  readonly mirrors: readonly { readonly cluster: L7Cluster; readonly fraction: number }[];
  readonly backends: readonly CompiledBackend[];
  readonly retry: L7RetryPolicy;
}

export type FindCluster = (key: string) => L7Cluster | undefined;

/** Compiles a rule of a route. */
export function compileRule(rule: L7RouteRule, cluster: FindCluster): CompiledRule {
  const { filters } = rule;
  const cors = only(filters, "cors")[0]?.cors;
  const redirect = only(filters, "redirect")[0];
  const direct = only(filters, "directResponse")[0];
  const compiledRedirect = redirect && compileRedirect(redirect);
  const changes = compileChanges(filters);
  const backends = rule.backends.map((backend) => compileBackend(backend, cluster));
  return {
    rule,
    broken:
      (redirect !== undefined && compiledRedirect === undefined) ||
      changes === "broken" ||
      backends.some((backend) => backend === "broken"),
    cors: cors && compileCors(cors),
    redirect: compiledRedirect,
    direct: direct && { status: direct.status, flag: "-", body: direct.body },
    changes: changes === "broken" ? undefined : changes,
    mirrors: only(filters, "mirror").flatMap((mirror) => {
      const found = cluster(mirror.cluster);
      return found === undefined ? [] : [{ cluster: found, fraction: mirror.fraction }];
    }),
    backends: backends.filter((backend) => backend !== "broken"),
    retry: rule.retry ?? routeDefaultRetry,
  };
}

function compileBackend(backend: L7Backend, cluster: FindCluster): CompiledBackend | "broken" {
  const changes = compileChanges(backend.filters);
  return changes === "broken"
    ? "broken"
    : {
        backend,
        weight: Math.max(0, backend.weight),
        cluster: backend.cluster === "" ? undefined : cluster(backend.cluster),
        changes,
      };
}

function compileChanges(filters: readonly L7Filter[]): Changes | undefined | "broken" {
  const request = requestEdits(only(filters, "requestHeaders").map(({ edit }) => edit));
  const response = responseEdits(only(filters, "responseHeaders").map(({ edit }) => edit));
  const rewrites = only(filters, "rewrite");
  const hostname = rewrites.findLast((rewrite) => rewrite.hostname !== "")?.hostname ?? "";
  const edit = rewrites.findLast((rewrite) => rewrite.path !== undefined)?.path;
  const path = edit && compilePathEdit(edit);
  if ((edit !== undefined && path === undefined) || (hostname !== "" && !isAuthority(hostname))) {
    return "broken";
  }
  const empty = request.edits.length === 0 && request.authority === "" && response.length === 0;
  return empty && hostname === "" && path === undefined ? undefined : { request, response, hostname, path };
}

const only = <K extends L7Filter["kind"]>(filters: readonly L7Filter[], kind: K): Extract<L7Filter, { kind: K }>[] =>
  filters.filter((filter): filter is Extract<L7Filter, { kind: K }> => filter.kind === kind);
