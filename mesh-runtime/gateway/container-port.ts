/**
 * The port that the pod binds for a Gateway's port: the same, or 8000 more where binding it would need privileges. The
 * Service in front maps the one to the other.
 */
export const containerPort = (port: number): number => (port < 1_024 ? 8_000 + port : port);
