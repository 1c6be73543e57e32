/** RFC 3339 with seconds, as Kubernetes' `metav1.Time`. */
export const timestamp = (date: Date): string => date.toISOString().replace(/\.\d{3}Z$/, "Z");
