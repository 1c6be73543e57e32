import { setTimeout as delay } from "node:timers/promises";
import { create, type JsonObject } from "@bufbuild/protobuf";
import type { ClientDuplexStream } from "@grpc/grpc-js";
import { createBackoff } from "../common/backoff.ts";
import type { Running } from "../common/lifetime.ts";
import type { Log } from "../common/log.ts";
import { authorizationType } from "./authorization-type.ts";
import { type ControlPlaneEndpoint, openControlPlaneChannel } from "./control-plane-channel.ts";
import {
  type DeltaDiscoveryRequest,
  DeltaDiscoveryRequestSchema,
  type DeltaDiscoveryResponse,
} from "./gen/discovery_pb.js";
import { deltaAggregatedResources } from "./grpc-methods.ts";
import type { Rejection, XdsSubscription } from "./subscription.ts";
import { wantedIssuerMax, wantedKeysTypeUrl } from "./wanted-keys.ts";

export { type OnUpdate, type Rejection, subscribeTo, type XdsSubscription, type XdsUpdate } from "./subscription.ts";

export interface XdsClientOptions extends ControlPlaneEndpoint {
  /** How this proxy calls itself. `id` shows in `/debug/syncz` and receipts, e.g. `ztunnel~<ip>~<pod>.<ns>~…`. */
  readonly node: { readonly id: string; readonly metadata: JsonObject };
  readonly subscriptions: readonly XdsSubscription[];
  readonly log: Log;
}

/** For telemetry and admin pages. */
export interface XdsClientStatus {
  readonly connected: boolean;
  /** When the last answer was applied, milliseconds since the epoch; absent before the first. */
  readonly lastAppliedUnixMs?: number;
  /** Resources in force, by type URL. */
  readonly resources: Readonly<Record<string, number>>;
  /** Resources whose newest version was refused. */
  readonly rejected: readonly (Rejection & { readonly typeUrl: string })[];
}

export interface XdsClient extends Running {
  /** Resolves when every subscription has had its first answer. Never rejects; stays open while there is no answer. */
  readonly synced: Promise<void>;
  status(): XdsClientStatus;
  /** Asks the control plane to fetch an issuer's keys again; nothing happens while there is no connection. */
  wantKeys(issuer: string): void;
}

/** What is known of one subscription across connections. */
interface TypeState {
  readonly subscription: XdsSubscription;
  /** Version of every resource in force. */
  readonly versions: Map<string, string>;
  readonly rejected: Map<string, string>;
  answered: boolean;
}

/**
 * Keeps delta-xDS subscriptions alive: reconnects with back-off and tells the server what it still has. State never
 * goes away because the control plane does: handlers hear only of changes.
 */
export function startXdsClient(options: XdsClientOptions): XdsClient {
  const { log } = options;
  const types = new Map<string, TypeState>(
    options.subscriptions
      .toSorted(policiesFirst)
      .map((subscription) => [
        subscription.typeUrl,
        { subscription, versions: new Map(), rejected: new Map(), answered: false },
      ]),
  );
  const backoff = createBackoff({ initialMs: 50, maxMs: 2_000 });
  const stopping = new AbortController();
  const synced = Promise.withResolvers<void>();
  let connected = false;
  let write: ((request: DeltaDiscoveryRequest) => void) | undefined;
  let lastAppliedUnixMs: number | undefined;

  const answer = (response: DeltaDiscoveryResponse): DeltaDiscoveryRequest => {
    const rejected = receive(types.get(response.typeUrl), response, log);
    connected = true;
    lastAppliedUnixMs = Date.now();
    backoff.reset();
    if ([...types.values()].every((type) => type.answered)) {
      synced.resolve();
    }
    return create(DeltaDiscoveryRequestSchema, {
      typeUrl: response.typeUrl,
      responseNonce: response.nonce,
      ...(rejected.length > 0 ? { errorDetail: { code: 3, message: rejectionText(rejected) } } : {}),
    });
  };

  const run = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      const reason = await session(options, types, answer, stopping.signal, (opened) => {
        write = opened;
      });
      connected = false;
      write = undefined;
      const waitMs = backoff.next();
      if (!stopping.signal.aborted) {
        log.warn("control plane connection ended", { reason, retryInMs: Math.round(waitMs) });
        await delay(waitMs, undefined, { signal: stopping.signal, ref: false }).catch(() => undefined);
      }
    }
  };
  const running = run();

  return {
    synced: synced.promise,
    status: () => ({
      connected,
      ...(lastAppliedUnixMs === undefined ? {} : { lastAppliedUnixMs }),
      resources: Object.fromEntries([...types].map(([typeUrl, { versions }]) => [typeUrl, versions.size])),
      rejected: [...types].flatMap(([typeUrl, { rejected }]) =>
        [...rejected].map(([name, error]) => ({ typeUrl, name, error })),
      ),
    }),
    wantKeys(issuer) {
      if (issuer.length <= wantedIssuerMax) {
        write?.(create(DeltaDiscoveryRequestSchema, { typeUrl: wantedKeysTypeUrl, resourceNamesSubscribe: [issuer] }));
      }
    },
    async close() {
      stopping.abort();
      await running;
    },
  };
}

/** A workload that names a policy which is not there is closed, so policies are asked for before workloads. */
const policiesFirst = (a: XdsSubscription, b: XdsSubscription): number =>
  Number(b.typeUrl === authorizationType.typeUrl) - Number(a.typeUrl === authorizationType.typeUrl);

/** One connection, until it ends; never throws, returns why it ended. */
async function session(
  options: XdsClientOptions,
  types: ReadonlyMap<string, TypeState>,
  answer: (response: DeltaDiscoveryResponse) => DeltaDiscoveryRequest,
  signal: AbortSignal,
  onOpen: (write: (request: DeltaDiscoveryRequest) => void) => void,
): Promise<string> {
  let channel: Awaited<ReturnType<typeof openControlPlaneChannel>>;
  try {
    channel = await openControlPlaneChannel(options);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  const { path, requestSerialize, responseDeserialize } = deltaAggregatedResources;
  const stream = channel.client.makeBidiStreamRequest(path, requestSerialize, responseDeserialize, channel.metadata);
  const cancel = (): void => stream.cancel();
  signal.addEventListener("abort", cancel, { once: true });
  try {
    return await new Promise<string>((resolve) => {
      stream.on("data", (response: DeltaDiscoveryResponse) => stream.write(answer(response)));
      stream.on("error", (error) => resolve(error.message));
      stream.on("end", () => resolve("closed by the control plane"));
      subscribe(stream, types, options.node);
      onOpen((request) => stream.write(request));
    });
  } finally {
    signal.removeEventListener("abort", cancel);
    stream.cancel();
    channel.client.close();
  }
}

function subscribe(
  stream: ClientDuplexStream<DeltaDiscoveryRequest, DeltaDiscoveryResponse>,
  types: ReadonlyMap<string, TypeState>,
  node: XdsClientOptions["node"],
): void {
  for (const [typeUrl, { subscription, versions }] of types) {
    stream.write(
      create(DeltaDiscoveryRequestSchema, {
        node,
        typeUrl,
        // A first request without names is a wildcard subscription.
        resourceNamesSubscribe: subscription.names === "*" ? [] : [...subscription.names],
        initialResourceVersions: Object.fromEntries(versions),
      }),
    );
  }
}

/** Applies one response and keeps the books. A handler that throws rejects all of it. */
function receive(type: TypeState | undefined, response: DeltaDiscoveryResponse, log: Log): readonly Rejection[] {
  if (type === undefined) {
    return [{ name: response.typeUrl, error: "this proxy has no subscription for that type" }];
  }
  let rejected: readonly Rejection[];
  try {
    rejected = type.subscription.receive(response.resources, response.removedResources, !type.answered);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    log.error("update could not be applied", { typeUrl: response.typeUrl, error: message });
    return response.resources.map(({ name }) => ({ name, error: message }));
  }
  type.answered = true;
  const refused = new Map(rejected.map(({ name, error }) => [name, error]));
  for (const name of response.removedResources) {
    type.versions.delete(name);
    type.rejected.delete(name);
  }
  for (const { name, version } of response.resources) {
    const error = refused.get(name);
    if (error === undefined) {
      type.versions.set(name, version);
      type.rejected.delete(name);
    } else {
      // The old version stays recorded: after a reconnect the server sees the difference and sends it again.
      type.rejected.set(name, error);
      log.error("resource rejected", { typeUrl: response.typeUrl, resource: name, error });
    }
  }
  return rejected;
}

/** Error text of a NACK: `name: error; name: error`, cut at a size that any server takes. */
const rejectionText = (rejected: readonly Rejection[]): string =>
  rejected
    .map(({ name, error }) => `${name}: ${error}`)
    .join("; ")
    .slice(0, 8_192);
