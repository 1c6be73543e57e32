import { chmodSync, rmSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import type { Running } from "../common/lifetime.ts";
import type { Log } from "../common/log.ts";
import { type ZdsPod, type ZdsRequest, zdsAnswer, zdsLineMax } from "../zds/protocol.ts";

/** The node runner's end of the socket on which the agent learns of pods. */
export interface AgentLink extends Running {
  /** Sets what the agent shall know of a pod; said again on every new connection until it is removed. */
  put(pod: ZdsPod): void;
  /** Takes a pod away; resolves when the agent said so, or when there is no agent (which forgets it on reconnect). */
  remove(uid: string): Promise<void>;
}

export interface AgentLinkOptions {
  readonly path: string;
  readonly node: string;
  readonly log: Log;
  /**
   * All pods of an earlier life were put. Until then the snapshot stays open: an agent that connects sooner must not
   * take the silence for "there are no pods" and drop their connections.
   */
  readonly restored: Promise<void>;
  /** The agent acknowledged the pod as last put. */
  readonly onAck: (uid: string, pod: ZdsPod, captured: boolean) => void;
  /** The agent could not do it; it is asked again after a pause. */
  readonly onProblem: (uid: string, code: string, message: string) => void;
}

const retryMs = 1_000;
/** An agent that does not answer must not keep a pod from going. */
const removeMs = 3_000;

/** Listens on a Unix socket (0600) for the node's one agent; a new connection takes the place of the old one. */
export async function listenForAgent(options: AgentLinkOptions): Promise<AgentLink> {
  const { path, log } = options;
  const pods = new Map<string, ZdsPod>();
  const awaited = new Map<number, () => void>();
  const waitingPods = new Map<number, ZdsPod>();
  const connections = new Set<Socket>();
  /** The connection that said hello last. */
  let agent: Socket | undefined;
  let nextId = 1;

  const send = (request: ZdsRequest): void => {
    agent?.write(`${JSON.stringify(request)}\n`);
  };
  const sendPod = (pod: ZdsPod): void => {
    const id = nextId++;
    waitingPods.set(id, pod);
    send({ type: "pod", id, pod });
  };

  const answered = (line: string, socket: Socket): void => {
    const answer = zdsAnswer.parse(JSON.parse(line));
    if (answer.type === "hello") {
      if (answer.node !== options.node) {
        throw new Error(`an agent of node ${answer.node} connected`);
      }
      const former = agent;
      agent = socket;
      if (former !== undefined && former !== socket) {
        forget();
        former.destroy();
      }
      for (const pod of pods.values()) {
        sendPod(pod);
      }
      void options.restored.then(() => {
        if (agent === socket) {
          send({ type: "snapshotSent", id: nextId++ });
          log.info("agent connected", { pods: pods.size });
        }
      });
      return;
    }
    if (agent !== socket) {
      throw new Error("an answer before hello");
    }
    awaited.get(answer.id)?.();
    awaited.delete(answer.id);
    const pod = waitingPods.get(answer.id);
    waitingPods.delete(answer.id);
    if (pod === undefined || pods.get(pod.uid) !== pod) {
      return; // Something newer is under way.
    }
    if (answer.type === "ack") {
      options.onAck(pod.uid, pod, answer.captured);
      return;
    }
    options.onProblem(pod.uid, answer.code, answer.message);
    setTimeout(() => {
      if (pods.get(pod.uid) === pod && agent !== undefined) {
        sendPod(pod);
      }
    }, retryMs).unref();
  };

  const forget = (): void => {
    waitingPods.clear();
    for (const settle of awaited.values()) {
      settle();
    }
    awaited.clear();
  };

  const server = createServer((socket) => {
    connections.add(socket);
    let rest = "";
    socket.setEncoding("utf8");
    socket.on("data", (chunk: string) => {
      const lines = (rest + chunk).split("\n");
      rest = lines.pop() ?? "";
      try {
        if (rest.length > zdsLineMax) {
          throw new Error(`line longer than ${zdsLineMax} bytes`);
        }
        lines
          .filter((line) => line !== "")
          .forEach((line) => {
            answered(line, socket);
          });
      } catch (error) {
        log.warn("agent said something that is not the protocol", { error: String(error) });
        socket.destroy();
      }
    });
    socket.on("error", () => undefined);
    socket.on("close", () => {
      connections.delete(socket);
      if (agent === socket) {
        agent = undefined;
        forget();
        log.warn("agent disconnected");
      }
    });
  });
  rmSync(path, { force: true });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(path, resolve);
  });
  chmodSync(path, 0o600);

  return {
    put(pod) {
      pods.set(pod.uid, pod);
      if (agent !== undefined) {
        sendPod(pod);
      }
    },
    async remove(uid) {
      if (!pods.delete(uid) || agent === undefined) {
        return;
      }
      const id = nextId++;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, removeMs);
        awaited.set(id, () => {
          clearTimeout(timer);
          resolve();
        });
        send({ type: "remove", id, uid });
      });
      awaited.delete(id);
    },
    async close() {
      for (const socket of connections) {
        socket.destroy();
      }
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
