/** Bounds in milliseconds of the duration histogram; the last bucket is open. Apart from the schemas: proxies load no zod. */
export const durationBoundsMs = [0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10000] as const;
