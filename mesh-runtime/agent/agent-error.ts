/**
 * What the agent tells the node runner when a pod cannot be served.
 *
 * - `address-in-use`: another process holds the pod's address and port;
 * - `bind-failed`: the address or port cannot be bound at all;
 * - `no-certificate`: the control plane gives no certificate for the pod's identity;
 * - `not-synced`: the control plane has not said what the mesh is yet;
 * - `removed`: the pod was taken away meanwhile.
 */
export type AgentErrorCode = "address-in-use" | "bind-failed" | "no-certificate" | "not-synced" | "removed";

const userMessages: Record<AgentErrorCode, string> = {
  "address-in-use": "Another process uses the pod's address; end it and the pod comes up.",
  "bind-failed": "The pod's address cannot be used on this machine.",
  "no-certificate": "The control plane gives no certificate for this pod yet; check that it is running.",
  "not-synced": "The agent waits for the control plane; check that it is running.",
  removed: "The pod was removed.",
};

export class AgentError extends Error {
  override readonly name = "AgentError";
  readonly code: AgentErrorCode;

  constructor(code: AgentErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
  }

  get userMessage(): string {
    return userMessages[this.code];
  }
}
