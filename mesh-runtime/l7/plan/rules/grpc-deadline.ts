const unitMs: Readonly<Record<string, number>> = {
  H: 3_600_000,
  M: 60_000,
  S: 1_000,
  m: 1,
  u: 0.001,
  n: 0.000_001,
};

/**
 * The deadline that a gRPC caller set, in milliseconds from now; 0 for none (gRPC over HTTP/2, "Timeout": up to 8 digits
 * and a unit). What is there but cannot be read is none, as with Envoy.
 */
export function grpcDeadlineMs(timeout: string | undefined): number {
  const parts = timeout === undefined ? null : /^(\d{1,8})([HMSmun])$/.exec(timeout);
  const unit = unitMs[parts?.[2] ?? ""];
  return parts === null || unit === undefined ? 0 : Math.max(1, Math.ceil(Number(parts[1]) * unit));
}
