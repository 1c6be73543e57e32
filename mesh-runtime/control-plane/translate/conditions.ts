/** A condition as the translation wants it; the writer adds times. */
export interface WantedCondition {
  readonly type: string;
  readonly status: "True" | "False" | "Unknown";
  readonly reason: string;
  readonly message: string;
}

export const condition = (
  type: string,
  status: WantedCondition["status"],
  reason: string,
  message: string,
): WantedCondition => ({ type, status, reason, message });
