import { PassThrough, Writable } from "node:stream";
import type { KubeConfig, V1Status } from "@kubernetes/client-node";
import { ClusterError } from "./errors.ts";

export interface ExecOptions {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
  /** Program and arguments; no shell is involved. */
  readonly command: readonly string[];
  readonly stdin?: string;
  readonly onStdout: (chunk: Buffer) => void;
  readonly onStderr?: (chunk: Buffer) => void;
  readonly signal: AbortSignal;
}

/** Runs a program in a container, as `kubectl exec` does. Throws `ClusterError` when no session can be opened. */
export async function exec(config: KubeConfig, options: ExecOptions): Promise<{ exitCode: number }> {
  const { Exec } = await import("@kubernetes/client-node");
  const sink = (take: ((chunk: Buffer) => void) | undefined): Writable =>
    new Writable({
      write(chunk: Buffer, _encoding, done) {
        take?.(chunk);
        done();
      },
    });
  let stdin: PassThrough | null = null;
  if (options.stdin !== undefined) {
    stdin = new PassThrough();
    stdin.end(options.stdin);
  }
  const finished = Promise.withResolvers<{ exitCode: number }>();
  // Handled below; a session that never opens must not count as an unhandled rejection.
  finished.promise.catch(() => undefined);
  const socket = await new Exec(config)
    .exec(
      options.namespace,
      options.pod,
      options.container,
      [...options.command],
      sink(options.onStdout),
      sink(options.onStderr),
      stdin,
      false,
      (status) => finished.resolve({ exitCode: exitCodeOf(status) }),
    )
    .catch((cause: unknown) => {
      throw new ClusterError("unreachable", 0, `No session in pod ${options.pod}: ${textOf(cause)}`, { cause });
    });
  const closed = (): void =>
    finished.reject(new ClusterError("unreachable", 0, `The session in pod ${options.pod} was closed`));
  socket.on("close", closed);
  socket.on("error", closed);
  const abort = (): void => socket.close();
  options.signal.addEventListener("abort", abort, { once: true });
  try {
    return await finished.promise;
  } finally {
    options.signal.removeEventListener("abort", abort);
    socket.close();
  }
}

/** Kubernetes reports a program's exit code as the cause of a failed Status. */
function exitCodeOf(status: V1Status): number {
  if (status.status === "Success") {
    return 0;
  }
  const code = status.details?.causes?.find(({ reason }) => reason === "ExitCode")?.message;
  return code === undefined ? 126 : Number(code);
}

function textOf(cause: unknown): string {
  if (cause instanceof Error) {
    return cause.message;
  }
  // A WebSocket's ErrorEvent is no Error.
  const message = (cause as { message?: unknown } | null)?.message;
  return typeof message === "string" ? message : String(cause);
}
