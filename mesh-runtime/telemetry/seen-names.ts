import type { SeenName } from "../api/seen-name.ts";
import type { VerifiedToken } from "../policy/http-model.ts";

/** Beside these, one request in so many is looked at. */
const oneIn = 16;
/** Every request is looked at for so long after a service is seen for the first time. */
const allForMs = 60_000;
const servicesMax = 256;
const namesMax = 64;
const nameLengthMax = 256;
/** What proxies of the mesh write on requests themselves: no rule should ask for it. */
const ours: ReadonlySet<string> = new Set([
  "x-forwarded-for",
  "x-forwarded-proto",
  "x-forwarded-host",
  "x-forwarded-client-cert",
  "x-request-id",
  "traceparent",
  "tracestate",
]);

interface Counted {
  readonly kind: SeenName["kind"];
  readonly name: string;
  count: number;
  /** Number of the request that counted it last: a field may stand in a request twice. */
  last: number;
}

interface ServiceNames {
  readonly service: string;
  readonly serviceNamespace: string;
  requests: number;
  /** By `<kind> <name>`. */
  readonly names: Map<string, Counted>;
}

/**
 * Names of headers and claims that requests carry, by service: what forms offer and shares that previews tell. Bounded, and
 * sampled: ask `wants` first, which allocates nothing.
 */
export class SeenNames {
  readonly #now: () => number;
  readonly #services: ServiceNames[] = [];
  /** By `<namespace>/<hostname>` and by `<namespace>/<name>`. */
  readonly #byKey = new Map<string, ServiceNames>();
  #turn = 0;
  #all = true;
  #allUntilMs: number;
  #request = 0;

  constructor(now: () => number = Date.now) {
    this.#now = now;
    this.#allUntilMs = now() + allForMs;
  }

  /** Whether this request is to be looked at. */
  wants(): boolean {
    this.#turn = (this.#turn + 1) % oneIn;
    return this.#all || this.#turn === 0;
  }

  /** `service` is `<namespace>/<hostname>`, `fields` are name, value, name, value, … */
  observe(service: string, fields: readonly string[], token: VerifiedToken | undefined): void {
    const known = this.#byKey.get(service) ?? this.#add(service);
    if (known === undefined) {
      return;
    }
    this.#request++;
    known.requests++;
    for (let index = 0; index < fields.length; index += 2) {
      const name = fields[index]?.toLowerCase() ?? "";
      if (!ours.has(name)) {
        this.#count(known, "header", name, 1);
      }
    }
    if (token !== undefined) {
      for (const claim of Object.keys(token.claims)) {
        this.#count(known, "claim", claim, 1);
      }
      this.#count(known, "issuer", String(token.claims["iss"] ?? ""), 1);
    }
  }

  /** Takes over what another thread counted. */
  absorb({ service, serviceNamespace, kind, name, count }: SeenName): void {
    const key = `${serviceNamespace}/${service}`;
    const known = this.#byKey.get(key) ?? this.#add(key);
    if (known === undefined) {
      return;
    }
    if (kind === "requests") {
      known.requests += count;
    } else {
      this.#request++;
      this.#count(known, kind, name, count);
    }
  }

  /** What was counted since the last call; names that were not seen meanwhile are forgotten. */
  take(): SeenName[] {
    const taken: SeenName[] = [];
    for (const known of this.#services) {
      const { service, serviceNamespace, requests, names } = known;
      if (requests > 0) {
        taken.push({ service, serviceNamespace, kind: "requests", name: "", count: requests });
      }
      known.requests = 0;
      for (const { kind, name, count } of names.values()) {
        taken.push({ service, serviceNamespace, kind, name, count });
      }
      names.clear();
    }
    this.#all = this.#now() < this.#allUntilMs;
    return taken;
  }

  #add(service: string): ServiceNames | undefined {
    const [namespace = "", hostname = ""] = service.split("/");
    if (this.#byKey.size >= 2 * servicesMax || namespace === "" || hostname === "") {
      return undefined;
    }
    const name = hostname.endsWith(".svc.cluster.local") ? (hostname.split(".")[0] ?? "") : hostname;
    const key = `${namespace}/${name}`;
    const known = this.#byKey.get(key);
    const made = known ?? { service: name, serviceNamespace: namespace, requests: 0, names: new Map() };
    if (known === undefined) {
      this.#services.push(made);
    }
    this.#byKey.set(service, made);
    this.#byKey.set(key, made);
    this.#all = true;
    this.#allUntilMs = this.#now() + allForMs;
    return made;
  }

  #count(service: ServiceNames, kind: SeenName["kind"], name: string, times: number): void {
    if (name === "" || name.length > nameLengthMax) {
      return;
    }
    const key = `${kind} ${name}`;
    const known = service.names.get(key);
    if (known === undefined) {
      if (service.names.size < namesMax) {
        service.names.set(key, { kind, name, count: times, last: this.#request });
      }
    } else if (known.last !== this.#request) {
      known.count += times;
      known.last = this.#request;
    }
  }
}
