import * as z from "zod";
import { errors } from "../api-error.ts";

/** Where the next page of a list begins: behind this key, in the state of this revision. */
export interface ContinueKey {
  readonly revision: number;
  readonly namespace: string;
  readonly name: string;
}

const tokenSchema = z.strictObject({
  v: z.literal("towpath/1"),
  rv: z.int().positive(),
  ns: z.string().max(253),
  name: z.string().max(253),
});

export const encodeContinue = ({ revision, namespace, name }: ContinueKey): string =>
  Buffer.from(JSON.stringify({ v: "towpath/1", rv: revision, ns: namespace, name })).toString("base64url");

/** Throws 400. */
export function decodeContinue(token: string): ContinueKey {
  try {
    const { rv, ns, name } = tokenSchema.parse(JSON.parse(Buffer.from(token, "base64url").toString("utf8")));
    return { revision: rv, namespace: ns, name };
  } catch {
    throw errors.badRequest("invalid continue token: continue key is not valid");
  }
}
