import type { DenialReason } from "../api/telemetry.ts";
import type { Decision } from "../policy/model.ts";
import type { LocalPod } from "./local-pod.ts";

/** What comes in to a pod, with everything that policy may ask. */
export interface InboundCall {
  readonly pod: LocalPod;
  /** The pod's port. */
  readonly port: number;
  /** `<trust domain>/ns/<ns>/sa/<sa>`, proven by mutual TLS; undefined on plain text. */
  readonly principal: string | undefined;
  readonly sourceIp: string;
  readonly sourcePort: number;
  /** What the caller will see when it is refused: an HTTP status, or 0 for a reset. */
  readonly refusalAnswer: number;
  /** Cuts it. Replaced as the call goes on. */
  abort: () => void;
}

/** A refusal with its reason. `decision` is absent when no policy could be read. */
export interface Refusal {
  readonly reason: DenialReason;
  readonly decision: Decision | undefined;
}
