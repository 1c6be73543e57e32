/** What proxies, or pods, have acknowledged of one object. */
export interface Entry {
  readonly status: "True" | "False" | "Unknown";
  readonly reason: string;
  readonly message: string;
  readonly enforced: number;
  readonly total: number;
  readonly unit: "proxies" | "pods";
  readonly afterMs: number | undefined;
}
