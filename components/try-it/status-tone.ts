/** How a status is shown: a refusal is no error, and no answer at all is what a refused connection looks like. */
export function statusTone(status: number): "plain" | "denied" | "error" | "warn" {
  if (status === 0 || status === 401 || status === 403 || status === 429) {
    return "denied";
  }
  if (status >= 500) {
    return "error";
  }
  return status >= 400 ? "warn" : "plain";
}
