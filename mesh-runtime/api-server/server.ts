import { join } from "node:path";
import type { AdmissionContext, KindDefinition } from "../api/kind.ts";
import { kinds as allKinds } from "../api/registry.ts";
import type { Running } from "../common/lifetime.ts";
import type { Log } from "../common/log.ts";
import { createServiceAllocator } from "./admission/cluster-ips.ts";
import { errors } from "./api-error.ts";
import { createAuthenticate } from "./auth/authenticate.ts";
import { createRuleTable } from "./auth/authorize.ts";
import { createComponentTokens } from "./auth/component-tokens.ts";
import { createServiceAccountTokens } from "./auth/service-account-tokens.ts";
import { startBackground } from "./background/loop.ts";
import { componentCredentials } from "./bootstrap/credentials.ts";
import { makePrivateDirectory } from "./bootstrap/files.ts";
import { ensureSystemObjects } from "./bootstrap/objects.ts";
import { servingCertificate } from "./bootstrap/serving-certificate.ts";
import { signingKey } from "./bootstrap/signing-key.ts";
import type { ApiServerConfig } from "./config.ts";
import { createDiscovery } from "./discovery/discovery.ts";
import { createOpenapi } from "./discovery/openapi.ts";
import { closeListener, createListener, listen } from "./http/listener.ts";
import { parseResourcePath } from "./http/request.ts";
import { createWatchLimiter } from "./http/watch-limiter.ts";
import { joinExec } from "./pods/node-socket.ts";
import { randomSuffix } from "./resources/names.ts";
import { attributesOf, authorizeRequest, openRequest, type RouterDeps, route, withKind } from "./router.ts";
import { openSqliteStore } from "./store/sqlite-store.ts";
import type { Store } from "./store/store.ts";

export interface ApiServerDeps {
  readonly config: ApiServerConfig;
  readonly log: Log;
  readonly now?: () => Date;
  /** For tests of the server itself: other kinds than the registry's. */
  readonly kinds?: readonly KindDefinition[];
}

export interface ApiServer extends Running {
  readonly host: string;
  readonly port: number;
}

const watchesMax = { perUserMax: 200, totalMax: 1_000 };
const closeGraceMs = 1_000;

/** Starts the API server; when it resolves, requests are answered and all kubeconfigs are written. */
export async function startApiServer({
  config,
  log,
  now = () => new Date(),
  kinds = allKinds,
}: ApiServerDeps): Promise<ApiServer> {
  makePrivateDirectory(config.data);
  const store = openSqliteStore({ path: join(config.data, "store.db") });
  try {
    return await serve(config, log, now, kinds, store);
  } catch (error) {
    store.close();
    throw error;
  }
}

async function serve(
  config: ApiServerConfig,
  log: Log,
  now: () => Date,
  kinds: readonly KindDefinition[],
  store: Store,
): Promise<ApiServer> {
  const certificate = servingCertificate(config.data, config.host, now().getTime());
  const stopping = new AbortController();
  let deps: RouterDeps | undefined;
  const ready = (): RouterDeps => {
    if (deps === undefined) {
      throw errors.unavailable("the server is starting");
    }
    return deps;
  };
  const server = createListener({
    certificate,
    log,
    answer: async (request, response) => route(ready(), request, response),
    upgrade(raw, socket, head) {
      const known = ready();
      const request = openRequest(known, raw);
      const target = parseResourcePath(request.path);
      if (target?.subresource !== "exec" || target.plural !== "pods" || target.group !== "") {
        throw errors.noResource();
      }
      authorizeRequest(known, request, attributesOf(request, target));
      joinExec(known, withKind(known, request, target), socket, head);
    },
  });
  // Bound before anything is written: a taken port must not leave kubeconfigs that lead elsewhere.
  const { port } = await listen(server, config.host, config.port);

  const credentials = componentCredentials({
    data: config.data,
    credentials: config.credentials,
    kubeconfig: config.kubeconfig,
    server: `https://${config.host}:${port}`,
    authority: certificate.authority,
    nodes: config.nodes,
  });
  ensureSystemObjects(store, now(), port);
  const components = createComponentTokens(credentials);
  const accounts = createServiceAccountTokens({
    key: signingKey(config.data),
    lookup: (plural, namespace, name) => store.get({ resource: `/${plural}`, namespace, name })?.object,
    now: () => Math.floor(now().getTime() / 1_000),
  });
  const authorizer = createRuleTable();
  const admission = admissionContext(store);
  deps = {
    store,
    kinds,
    authorizer,
    accounts,
    components,
    log,
    now,
    admission,
    run: config.run,
    authenticate: createAuthenticate(components, accounts),
    discovery: createDiscovery(kinds),
    openapi: createOpenapi(kinds),
    watches: createWatchLimiter(watchesMax),
    stopping: stopping.signal,
  };
  const background = startBackground(deps);
  return {
    host: config.host,
    port,
    async close() {
      stopping.abort();
      background.close();
      await closeListener(server, closeGraceMs);
      store.close();
    },
  };
}

/** What admission may look up and allocate. */
function admissionContext(store: Store): AdmissionContext {
  const allocator = createServiceAllocator(store);
  return {
    serviceAccount: (namespace, name) =>
      store.get({ resource: "/serviceaccounts", namespace, name })?.object as ReturnType<
        NonNullable<AdmissionContext["serviceAccount"]>
      >,
    random: randomSuffix,
    allocateClusterIp: (wished) => allocator.clusterIp(wished),
    allocateNodePort: (wished) => allocator.nodePort(wished),
  };
}
