/** Our own condition: whether an object does what it asks for, where Istio says nothing. */
export const effectiveType = "towpath.dev/Effective";
