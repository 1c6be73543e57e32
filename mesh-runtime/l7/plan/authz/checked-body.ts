import type { L7Authorizer } from "../../../xds/proxy-config.ts";
import type { BodyPeek } from "../../request-plan.ts";
import type { Draft } from "../draft.ts";

/** What of a body an authorizer gets to see. */
export interface CheckedBody {
  readonly data: Buffer;
  /** There is more than was asked for. */
  readonly partial: boolean;
}

/** Envoy's note to the authorizer. */
export const partialBodyField = "x-envoy-auth-partial-body";

/**
 * The first bytes of the body as the authorizer asks for them; `undefined`: none. "too-large" when it wants all of it and
 * there is more (Envoy answers 413).
 */
export async function checkedBody(
  { maxRequestBytes, allowPartialMessage }: L7Authorizer,
  draft: Draft,
  body: BodyPeek,
): Promise<CheckedBody | "too-large" | undefined> {
  // Envoy waits for no body of what switches protocols: there is none before the answer.
  if (maxRequestBytes === 0 || draft.request.body.kind === "none" || draft.upgrade !== undefined) {
    return undefined;
  }
  // One byte more tells whether a body that fills the limit ends there.
  const { data, complete } = await body.peek(maxRequestBytes + 1);
  const partial = !complete || data.length > maxRequestBytes;
  return partial && !allowPartialMessage ? "too-large" : { data: data.subarray(0, maxRequestBytes), partial };
}
