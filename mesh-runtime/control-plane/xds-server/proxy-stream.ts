import { create } from "@bufbuild/protobuf";
import type { Log } from "../../common/log.ts";
import { authorizationType } from "../../xds/codec.ts";
import {
  type DeltaDiscoveryRequest,
  type DeltaDiscoveryResponse,
  DeltaDiscoveryResponseSchema,
} from "../../xds/gen/discovery_pb.js";
import { type Caller, callerKey } from "../ca/caller.ts";
import type { Snapshot, SnapshotResource } from "../snapshot/snapshot.ts";
import {
  changeSubscription,
  type DeltaResponse,
  type DeltaType,
  noteSent,
  openDeltaType,
  pendingFor,
  settle,
} from "./delta-type.ts";

/** Responses of one type that may wait for an answer; after that the proxy must catch up first. */
const outstandingMax = 8;
/** Names one proxy may hold subscriptions to, per type. */
const namesMax = 10_000;

/** One proxy's stream: what it has asked for and what it has confirmed. */
export interface ProxyStream {
  readonly caller: Caller;
  /** The proxy's own name for itself; empty until its first request. */
  readonly nodeId: string;
  readonly connectedAtMs: number;
  readonly types: ReadonlyMap<string, DeltaType>;
  /** Takes a request off the wire; `false` when it breaks the protocol and the stream must end. */
  receive(request: DeltaDiscoveryRequest): boolean;
  /** Sends whatever the snapshot has and the proxy lacks. */
  push(snapshot: Snapshot): void;
}

export interface ProxyStreamOptions {
  readonly caller: Caller;
  readonly typeUrls: ReadonlySet<string>;
  readonly snapshot: () => Snapshot | undefined;
  readonly write: (response: DeltaDiscoveryResponse) => void;
  /** After an ACK or NACK, or a new subscription. */
  readonly onProgress: () => void;
  readonly log: Log;
}

/**
 * After a reconnect, policies that are gone go away this much later: first the workloads that still name them must
 * have been asked for and answered.
 */
const holdBackMs = 20;

/** The server's half of one delta stream. */
export function createProxyStream(options: ProxyStreamOptions): ProxyStream {
  const { caller, log } = options;
  const types = new Map<string, DeltaType>();
  let nodeId = "";
  let lastNonce = 0;
  const visible = ({ reader }: SnapshotResource): boolean => reader === undefined || reader === callerKey(caller);

  const send = (
    typeUrl: string,
    type: DeltaType,
    snapshot: Snapshot,
    change: Omit<DeltaResponse, "revision">,
  ): void => {
    lastNonce += 1;
    const nonce = String(lastNonce);
    const response = { ...change, revision: snapshot.revision };
    noteSent(type, nonce, response);
    options.write(toWire(typeUrl, nonce, response));
  };

  /** `removals: false` holds removals back for a second pass. */
  const pushType = (typeUrl: string, snapshot: Snapshot, { removals }: { removals: boolean }): void => {
    const type = types.get(typeUrl);
    const resources = snapshot.types.get(typeUrl);
    if (type === undefined || resources === undefined) {
      return;
    }
    if (type.outstanding.size >= outstandingMax) {
      type.dirty = true;
      return;
    }
    const { upserts, removed } = pendingFor(type, resources, visible, removals ? type.asked : undefined);
    if (removals) {
      type.asked.clear();
    }
    const response = { upserts, removed: removals ? removed : [] };
    if (response.upserts.length > 0 || response.removed.length > 0) {
      send(typeUrl, type, snapshot, response);
    }
  };

  const push = (snapshot: Snapshot): void => {
    // Policies go out before the workloads that name them, and go away after: a named policy that is not there
    // closes the workload.
    pushType(authorizationType.typeUrl, snapshot, { removals: false });
    for (const typeUrl of types.keys()) {
      if (typeUrl !== authorizationType.typeUrl) {
        pushType(typeUrl, snapshot, { removals: true });
      }
    }
    pushType(authorizationType.typeUrl, snapshot, { removals: true });
  };

  const pushCurrent = (): void => {
    const snapshot = options.snapshot();
    if (snapshot !== undefined) {
      push(snapshot);
    }
  };

  const open = (request: DeltaDiscoveryRequest): void => {
    const type = openDeltaType(request);
    types.set(request.typeUrl, type);
    answerFirst(request.typeUrl, type);
  };
  /** The first answer comes even when there is nothing to tell: the proxy waits for it. */
  const answerFirst = (typeUrl: string, type: DeltaType): void => {
    const snapshot = options.snapshot();
    const resources = snapshot?.types.get(typeUrl);
    if (snapshot !== undefined && resources !== undefined) {
      const { upserts, removed } = pendingFor(type, resources, visible, type.names);
      const holdBack = typeUrl === authorizationType.typeUrl && removed.length > 0;
      send(typeUrl, type, snapshot, { upserts, removed: holdBack ? [] : removed });
      waitingForFirst.delete(typeUrl);
      if (holdBack) {
        setTimeout(pushCurrent, holdBackMs).unref();
      }
    } else {
      waitingForFirst.add(typeUrl);
    }
  };
  const waitingForFirst = new Set<string>();

  const settled = (type: DeltaType, request: DeltaDiscoveryRequest): void => {
    const error = request.errorDetail?.message;
    if (request.responseNonce === "" || !settle(type, request.responseNonce, error)) {
      return;
    }
    if (error !== undefined) {
      log.warn("proxy refused resources", { proxy: nodeId, typeUrl: request.typeUrl, error: error.slice(0, 500) });
    }
    if (type.dirty && type.outstanding.size < outstandingMax) {
      type.dirty = false;
      pushCurrent();
    }
  };

  return {
    caller,
    get nodeId() {
      return nodeId;
    },
    connectedAtMs: Date.now(),
    types,
    receive(request) {
      nodeId ||= (request.node?.id ?? "").slice(0, 512);
      if (request.resourceNamesSubscribe.length > namesMax) {
        return false;
      }
      if (!options.typeUrls.has(request.typeUrl)) {
        log.warn("subscription to an unknown type", { proxy: nodeId, typeUrl: request.typeUrl.slice(0, 200) });
        return false;
      }
      const type = types.get(request.typeUrl);
      if (type === undefined) {
        open(request);
      } else {
        settled(type, request);
        const asked = changeSubscription(type, request);
        const snapshot = options.snapshot();
        const resources = snapshot?.types.get(request.typeUrl);
        if (asked.length > 0 && type.outstanding.size >= outstandingMax) {
          // A proxy that asks and never answers does not make us send, and remember, without end.
          type.dirty = true;
          for (const name of asked) {
            type.asked.add(name);
          }
        } else if (asked.length > 0 && snapshot !== undefined && resources !== undefined) {
          send(request.typeUrl, type, snapshot, pendingFor(type, resources, visible, new Set(asked)));
        }
      }
      options.onProgress();
      const { names, asked } = types.get(request.typeUrl) ?? {};
      return (names?.size ?? 0) <= namesMax && (asked?.size ?? 0) <= namesMax;
    },
    push(snapshot) {
      for (const typeUrl of waitingForFirst) {
        const type = types.get(typeUrl);
        if (type !== undefined) {
          answerFirst(typeUrl, type);
        }
      }
      push(snapshot);
    },
  };
}

function toWire(typeUrl: string, nonce: string, response: DeltaResponse): DeltaDiscoveryResponse {
  const { upserts, removed, revision } = response;
  return create(DeltaDiscoveryResponseSchema, {
    systemVersionInfo: String(revision),
    typeUrl,
    nonce,
    removedResources: [...removed],
    resources: upserts.map(({ name, aliases, version, bytes }) => ({
      name,
      aliases: [...aliases],
      version,
      resource: { typeUrl, value: bytes },
    })),
  });
}
