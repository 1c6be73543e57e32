import * as z from "zod";

/** A DNS label, as Kubernetes names namespaces and services (RFC 1123). */
export const dnsLabel = z
  .string()
  .min(1, "Enter a name")
  .max(63, "A name has at most 63 characters")
  .regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/, "Use small letters, digits and dashes");

/** A DNS subdomain, as Kubernetes names service accounts. */
export const dnsName = z
  .string()
  .min(1, "Enter a name")
  .max(253)
  .regex(/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/, "Use small letters, digits, dashes and dots");

export const portNumber = z.int().min(1, "A port is at least 1").max(65535, "A port is at most 65535");

/** A Service. `id` in URLs and graph nodes is `<namespace>/<name>`. */
export const serviceRef = z.strictObject({ namespace: dnsLabel, name: dnsLabel });
export type ServiceRef = z.infer<typeof serviceRef>;

/** A Kubernetes object; `namespace` is empty for cluster-wide kinds. */
export const resourceRef = z.strictObject({
  apiVersion: z.string(),
  kind: z.string(),
  namespace: z.string(),
  name: z.string(),
});
export type ResourceRef = z.infer<typeof resourceRef>;

/** Milliseconds since the epoch. */
export const unixMs = z.number().nonnegative();

/** A person, as shown beside what they did. */
export const person = z.strictObject({ id: z.string(), name: z.string(), initials: z.string() });
export type Person = z.infer<typeof person>;

/** A small series without axis; `null` is a gap, never zero. The last value is the newest. */
export const sparkline = z.strictObject({
  stepSeconds: z.number().positive(),
  endUnixMs: unixMs,
  values: z.array(z.number().nullable()),
});
export type Sparkline = z.infer<typeof sparkline>;

/** Kiali's order: failing over degraded over healthy; idle has pods and no traffic; unknown has no figures. */
export const health = z.enum(["healthy", "degraded", "failing", "idle", "unknown"]);
export type Health = z.infer<typeof health>;

/** How much of a set of pods is captured by the mesh. */
export const enrolment = z.strictObject({
  /** The namespace carries the label: the wish. */
  labelled: z.boolean(),
  /** Running pods whose traffic is captured. */
  captured: z.int(),
  /** Running pods that count (proxies do not). */
  pods: z.int(),
});
export type Enrolment = z.infer<typeof enrolment>;

/** Where a rule is enforced or a refusal happened. */
export const hop = z.enum(["agent", "waypoint", "gateway"]);
export type Hop = z.infer<typeof hop>;
