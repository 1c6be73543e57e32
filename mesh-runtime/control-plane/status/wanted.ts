import type { WantedCondition } from "../translate/conditions.ts";
import type { ResourceName } from "../world/resources.ts";

/** Conditions as they go into a status, without times. */
export type StampedCondition = WantedCondition & {
  readonly observedGeneration?: number | string;
  /** Nothing changed since this process started: a True of the same generation stands as it is. Never written. */
  readonly standing?: boolean;
};

/** The status that one object shall have, as far as it is ours. */
export interface WantedStatus {
  readonly resource: ResourceName;
  readonly key: string;
  /** Conditions of the object itself; `undefined` when its kind keeps them elsewhere. */
  readonly conditions?: readonly StampedCondition[];
  /** Further fields of the status. `conditions` inside them are stamped likewise. */
  readonly fields?: Readonly<Record<string, unknown>>;
  /** Receipts that are not decided yet: do not write before. */
  readonly undecidedUntilMs?: number;
}

/** Looks up a receipt: its condition, or until when it is open, or nothing. */
export type ReceiptLookup = (key: string) => {
  readonly condition?: WantedCondition;
  readonly standing?: boolean;
  readonly undecidedUntilMs?: number;
};

/** A status with the receipt behind its conditions, if there is one. */
export function withReceipt(
  resource: ResourceName,
  key: string,
  conditions: readonly StampedCondition[],
  receipt: ReturnType<ReceiptLookup>,
  observedGeneration: number | string | undefined,
): WantedStatus {
  const enforced =
    receipt.condition === undefined
      ? []
      : [
          {
            ...receipt.condition,
            standing: receipt.standing === true,
            ...(observedGeneration === undefined ? {} : { observedGeneration }),
          },
        ];
  return {
    resource,
    key,
    conditions: [...conditions, ...enforced],
    ...(receipt.undecidedUntilMs === undefined ? {} : { undecidedUntilMs: receipt.undecidedUntilMs }),
  };
}
