import type { Health } from "@/server/contracts/names.ts";

/** What health is judged by; counts of one window. */
export interface HealthInput {
  readonly count: number;
  /** 5xx and no answer. */
  readonly errors: number;
  /** 4xx that no policy gave. */
  readonly clientErrors: number;
  readonly noAnswer: number;
  readonly pods?: { readonly all: number; readonly ready: number };
}

const percent = (part: number, whole: number): number => (whole === 0 ? 0 : (100 * part) / whole);
const show = (value: number): string => `${value < 0.01 ? "< 0.01" : value.toFixed(value < 10 ? 1 : 0)} %`;

/** Kiali's defaults: (kiali/kiali `config/config.go`, AddHealthDefault); failing over degraded over healthy. */
export function judgeHealth(input: HealthInput): { health: Health; reason: string } {
  const { count, errors, clientErrors, noAnswer, pods } = input;
  if (pods !== undefined && pods.all > 0 && pods.ready === 0) {
    return { health: "failing", reason: "No pod is ready" };
  }
  const server = percent(errors - noAnswer, count);
  const silent = percent(noAnswer, count);
  const client = percent(clientErrors, count);
  if (silent >= 10) {
    return { health: "failing", reason: `${show(silent)} of requests got no answer` };
  }
  if (server >= 10) {
    return { health: "failing", reason: `${show(server)} of answers are 5xx` };
  }
  if (client >= 20) {
    return { health: "failing", reason: `${show(client)} of answers are 4xx` };
  }
  if (server > 0) {
    return { health: "degraded", reason: `${show(server)} of answers are 5xx` };
  }
  if (silent > 0) {
    return { health: "degraded", reason: `${show(silent)} of requests got no answer` };
  }
  if (client >= 10) {
    return { health: "degraded", reason: `${show(client)} of answers are 4xx` };
  }
  if (pods !== undefined && pods.ready < pods.all) {
    return { health: "degraded", reason: `${pods.all - pods.ready} of ${pods.all} pods are not ready` };
  }
  if (pods !== undefined && pods.all === 0) {
    return { health: "unknown", reason: "No pods" };
  }
  return count === 0 ? { health: "idle", reason: "" } : { health: "healthy", reason: "" };
}
