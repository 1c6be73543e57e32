/**
 * Kubernetes' remote command protocol over WebSocket (`v4.channel.k8s.io`, `v5.channel.k8s.io`): binary messages whose
 * first byte is a channel (k8s.io/apimachinery `remotecommand`).
 */
export const channels = { stdin: 0, stdout: 1, stderr: 2, error: 3, resize: 4 } as const;
/** v5 only: the next byte names the channel that ended. */
const closeSignal = 255;

export const execProtocols = ["v5.channel.k8s.io", "v4.channel.k8s.io"] as const;

/** What a client's message says. */
export type ExecInput =
  | { readonly kind: "stdin"; readonly bytes: Buffer }
  | { readonly kind: "stdinEnd" }
  | { readonly kind: "ignored" };

export function parseExecInput(message: Buffer, protocol: string): ExecInput {
  const [channel, second] = message;
  if (channel === channels.stdin) {
    return { kind: "stdin", bytes: message.subarray(1) };
  }
  if (channel === closeSignal && second === channels.stdin && protocol === "v5.channel.k8s.io") {
    return { kind: "stdinEnd" };
  }
  return { kind: "ignored" };
}

export const frame = (channel: number, bytes: Buffer): Buffer => Buffer.concat([Buffer.of(channel), bytes]);

/** The final message on the error channel for a command that ran to its end. */
export function exitStatus(code: number): object {
  return code === 0
    ? { metadata: {}, status: "Success" }
    : {
        metadata: {},
        status: "Failure",
        message: `command terminated with non-zero exit code: exit status ${code}`,
        reason: "NonZeroExitCode",
        details: { causes: [{ reason: "ExitCode", message: String(code) }] },
      };
}

/** The final message for a command that could not be run. */
export const failureStatus = (message: string): object => ({
  metadata: {},
  status: "Failure",
  message,
  reason: "InternalError",
  code: 500,
});
