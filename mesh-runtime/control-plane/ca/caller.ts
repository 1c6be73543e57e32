/** Who is at the other end of a connection, as TokenReview says. */
export interface Caller {
  readonly namespace: string;
  readonly serviceAccount: string;
  /** Node that the token (or its pod) is bound to. */
  readonly node: string | undefined;
  /** Pod that the token is bound to. */
  readonly pod: string | undefined;
}

/** `<namespace>/<service account>` */
export const callerKey = ({ namespace, serviceAccount }: Caller): string => `${namespace}/${serviceAccount}`;
