import type { ServerDuplexStream } from "@grpc/grpc-js";
import { status } from "@grpc/grpc-js";
import type { Log } from "../../common/log.ts";
import { addressType, authorizationType, outsideType, proxyConfigType } from "../../xds/codec.ts";
import type { DeltaDiscoveryRequest, DeltaDiscoveryResponse } from "../../xds/gen/discovery_pb.js";
import { wantedIssuerMax, wantedIssuersMax, wantedKeysTypeUrl } from "../../xds/wanted-keys.ts";
import { type Caller, callerKey } from "../ca/caller.ts";
import { AuthenticationError, type TokenAuthenticator } from "../ca/token-authenticator.ts";
import type { Snapshot } from "../snapshot/snapshot.ts";
import { isProxy, nodeIdProblem } from "./proxy-identity.ts";
import { createProxyStream, type ProxyStream } from "./proxy-stream.ts";
import { createPushOrder } from "./push-order.ts";

/** Types that are served. */
const servedTypes: ReadonlySet<string> = new Set([
  addressType.typeUrl,
  authorizationType.typeUrl,
  outsideType.typeUrl,
  proxyConfigType.typeUrl,
]);

/** Streams that may be open at once. */
const streamsMax = 2_000;
/** Streams of one proxy, that is one ServiceAccount on one node: one, and those it lost without our knowing. */
const streamsPerCallerMax = 16;

export interface DiscoveryHub {
  /** Handler of `DeltaAggregatedResources`. */
  readonly handle: (call: ServerDuplexStream<DeltaDiscoveryRequest, DeltaDiscoveryResponse>) => void;
  /** Makes a snapshot the current one and sends it to everybody. */
  publish(snapshot: Snapshot): void;
  readonly snapshot: () => Snapshot | undefined;
  /** Streams of proxies that have said who they are. */
  streams(): readonly ProxyStream[];
}

export interface DiscoveryHubOptions {
  /** ServiceAccounts (`<namespace>/<name>`) of the agents. Everybody else must be a proxy of a Gateway. */
  readonly agents: ReadonlySet<string>;
  readonly authenticator: TokenAuthenticator;
  readonly log: Log;
  /** A proxy confirmed, refused, came or went (`ended` is the stream that went). */
  readonly onProgress: (ended?: ProxyStream) => void;
  /** A proxy saw tokens of these issuers that name keys which it does not have. */
  readonly onKeysWanted: (issuers: ReadonlySet<string>) => void;
}

/** All delta streams and the snapshot that they serve. Until there is a snapshot, proxies wait for their answer. */
export function createDiscoveryHub(options: DiscoveryHubOptions): DiscoveryHub {
  const { agents, authenticator, log, onProgress } = options;
  const streams = new Map<ProxyStream, ServerDuplexStream<unknown, unknown>>();
  const isAdmitted = (caller: Caller): boolean => current === undefined || isProxy(caller, agents, current);
  const order = createPushOrder(() => streams.keys());
  let current: Snapshot | undefined;
  /** Streams whose token is being reviewed. */
  let admitting = 0;

  const serve = async (call: ServerDuplexStream<DeltaDiscoveryRequest, DeltaDiscoveryResponse>): Promise<void> => {
    admitting += 1;
    const caller = await authenticator.authenticate(call.metadata).finally(() => {
      admitting -= 1;
    });
    if (call.cancelled) {
      return;
    }
    if (!isAdmitted(caller)) {
      log.warn("caller is no proxy", { caller: callerKey(caller), node: caller.node, pod: caller.pod });
      refuse(call, status.PERMISSION_DENIED, `${callerKey(caller)} is no proxy of this mesh`);
      return;
    }
    const same = [...streams.keys()].filter((other) => isSameProxy(other.caller, caller)).length;
    if (same >= streamsPerCallerMax) {
      log.warn("proxy has too many streams", { caller: callerKey(caller), node: caller.node, pod: caller.pod });
      refuse(call, status.RESOURCE_EXHAUSTED, "too many streams of one proxy");
      return;
    }
    const stream = createProxyStream({
      caller,
      typeUrls: servedTypes,
      snapshot: () => current,
      write: (response) => {
        if (!call.cancelled) {
          call.write(response);
        }
      },
      onProgress: () => {
        order.progress();
        onProgress();
      },
      log,
    });
    streams.set(stream, call);
    const gone = (): void => {
      if (streams.delete(stream)) {
        log.info("proxy disconnected", { proxy: stream.nodeId });
        order.progress();
        onProgress(stream);
      }
    };
    call.on("data", (request: DeltaDiscoveryRequest) => {
      const isFirst = stream.nodeId === "";
      const problem = isFirst ? nodeIdProblem(request.node?.id ?? "", caller) : undefined;
      if (problem !== undefined) {
        log.warn("proxy not admitted", { caller: callerKey(caller), reason: problem });
        refuse(call, status.PERMISSION_DENIED, problem);
        return;
      }
      if (!isFirst && request.typeUrl === wantedKeysTypeUrl) {
        const issuers = request.resourceNamesSubscribe.filter(({ length }) => length <= wantedIssuerMax);
        options.onKeysWanted(new Set(issuers.slice(0, wantedIssuersMax)));
        return;
      }
      if (!stream.receive(request)) {
        refuse(call, status.INVALID_ARGUMENT, "the request breaks the discovery protocol or a limit");
        return;
      }
      if (isFirst) {
        log.info("proxy connected", { proxy: stream.nodeId, caller: `${caller.namespace}/${caller.serviceAccount}` });
      }
    });
    call.on("end", () => {
      gone();
      call.end();
    });
    call.on("cancelled", gone);
    call.on("error", gone);
    call.on("close", gone);
  };

  return {
    handle(call) {
      if (streams.size + admitting >= streamsMax) {
        refuse(call, status.RESOURCE_EXHAUSTED, "too many streams");
        return;
      }
      serve(call).catch((error: unknown) => {
        if (error instanceof AuthenticationError) {
          log.warn("proxy not admitted", { peer: call.getPeer(), reason: error.code });
          refuse(call, error.grpcStatus, error.message);
        } else {
          log.error("stream failed", { error: String(error) });
          refuse(call, status.INTERNAL, "internal error");
        }
      });
    },
    publish(snapshot) {
      const before = current;
      current = snapshot;
      // Those that came before anything was known are looked at now; a Gateway that goes takes its proxies along.
      for (const [stream, call] of streams) {
        if (!isAdmitted(stream.caller)) {
          streams.delete(stream);
          refuse(call, status.PERMISSION_DENIED, `${callerKey(stream.caller)} is no proxy of this mesh`);
        }
      }
      order.publish(snapshot, before);
    },
    snapshot: () => current,
    streams: () => [...streams.keys()].filter(({ nodeId }) => nodeId !== ""),
  };
}

const isSameProxy = (a: Caller, b: Caller): boolean =>
  callerKey(a) === callerKey(b) && a.node === b.node && a.pod === b.pod;

/** Ends a stream with a status; grpc-js takes it from the error. */
function refuse(call: ServerDuplexStream<unknown, unknown>, code: status, details: string): void {
  call.emit("error", Object.assign(new Error(details), { code, details }));
}
