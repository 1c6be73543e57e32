import type { L7HeaderEdit } from "../../../xds/proxy-config.ts";
import type { Draft } from "../draft.ts";
import type { CheckedBody } from "./checked-body.ts";

/** One change to the fields of the request, in the order that the authorizer gave. */
export interface FieldChange {
  /** Lower case. */
  readonly name: string;
  readonly value: string;
  readonly how: "set" | "add" | "add-if-absent" | "set-if-present" | "remove";
}

/** What an external authorizer said. */
export type AuthorizerAnswer =
  | {
      readonly kind: "allowed";
      readonly request: readonly FieldChange[];
      /** Of the answer to the client. */
      readonly response: readonly L7HeaderEdit[];
      readonly setParameters: readonly { readonly name: string; readonly value: string }[];
      readonly removeParameters: readonly string[];
    }
  | {
      readonly kind: "denied";
      readonly status: number;
      readonly body: string;
      /** Name, value, name, value, … */
      readonly fields: readonly string[];
    }
  /** It could not be asked, or did not answer as an authorizer does. */
  | { readonly kind: "error" };

/** Asks one authorizer about a request. Never rejects. */
export type Check = (draft: Draft, body: CheckedBody | undefined) => Promise<AuthorizerAnswer>;
