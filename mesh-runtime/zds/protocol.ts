/**
 * The node runner tells the node's agent which pods it has, over a Unix socket (as Istio's CNI agent tells ztunnel).
 * The node runner listens, the agent connects; JSON lines, both ways. On each connection the runner first sends every
 * pod it has, then `snapshotSent`; pods the agent still holds from before and that were not named are dropped.
 */
import * as z from "zod";

const port = z.int().min(1).max(65535);

/** A port of the pod: the world connects to `<podIP>:<port>`, the application listens on `127.0.0.1:<appPort>`. */
const podPort = z.strictObject({ name: z.string(), port, appPort: port });

/** A process that belongs to the pod; `startTime` is field 22 of `/proc/<pid>/stat`, which makes the pid unambiguous. */
const podProcess = z.strictObject({ pid: z.int().positive(), startTime: z.string() });

const pod = z.strictObject({
  /** Kubernetes uid of the pod. */
  uid: z.string(),
  name: z.string(),
  namespace: z.string(),
  serviceAccount: z.string(),
  podIP: z.ipv4(),
  ports: z.array(podPort).max(64),
  /** The wish: the pod shall be in the mesh (labels of namespace and pod). */
  captured: z.boolean(),
  /**
   * Roots of the pod's processes: container and exec sessions. Each is a session leader (setsid); a process belongs to
   * the pod when its session id is one of these. Connections from anybody else to the pod's outbound front are refused.
   */
  sessions: z.array(podProcess).max(256),
});
export type ZdsPod = z.infer<typeof pod>;

/** Node runner → agent. `pod` adds or replaces. `id` is echoed by the answer. */
export const zdsRequest = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("pod"), id: z.int(), pod }),
  z.strictObject({ type: z.literal("remove"), id: z.int(), uid: z.string() }),
  z.strictObject({ type: z.literal("snapshotSent"), id: z.int() }),
]);
export type ZdsRequest = z.infer<typeof zdsRequest>;

/**
 * Agent → node runner. `captured: true` is said only when certificate, HBONE listener and policy stand; a pod that is
 * not captured is answered as soon as its plain listeners stand. `error` leaves the pod without network.
 */
export const zdsAnswer = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("hello"), version: z.literal(1), node: z.string() }),
  z.strictObject({ type: z.literal("ack"), id: z.int(), captured: z.boolean() }),
  z.strictObject({ type: z.literal("error"), id: z.int(), code: z.string(), message: z.string() }),
]);
export type ZdsAnswer = z.infer<typeof zdsAnswer>;

/** Longest line either side accepts, in bytes. */
export const zdsLineMax = 1 << 20;
