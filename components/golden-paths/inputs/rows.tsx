"use client";

import type { ReactNode } from "react";
import { AddButton, RemoveButton } from "./row-button.tsx";

type RowParts<T> = (entry: T, put: (change: Partial<T>) => void, index: number) => ReactNode;

interface RowsProps<T> {
  readonly entries: readonly T[];
  readonly onChange: (entries: T[]) => void;
  /** What a new row begins with. */
  readonly fresh: () => T;
  readonly max: number;
  /** What the button says that adds one. */
  readonly add: string;
  readonly addTestId?: string;
  /** How wide the fields of a row are. */
  readonly look: "is-timed" | "is-claim" | "is-port" | "is-header";
  /** Which row it is, for its button to remove it: "path 2". */
  readonly nameOf: (entry: T, index: number) => string;
  /** The fields of a row; `put` changes some of its values. */
  readonly children: RowParts<T>;
  /** What stands below the fields of a row. */
  readonly below?: RowParts<T>;
}

/** A list that grows by a button: some fields a row, each row with its own way out. */
export function Rows<T extends object>(props: RowsProps<T>) {
  const { entries, onChange, fresh, max, add, addTestId, look, nameOf, children, below } = props;
  return (
    <div className="rows">
      {entries.map((entry, index) => {
        const put = (change: Partial<T>) =>
          onChange(entries.map((other, at) => (at === index ? { ...other, ...change } : other)));
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: a row is known by its place while it is typed
          <div className="row-group" key={index}>
            <div className={`row-fields ${look}`}>
              {children(entry, put, index)}
              <RemoveButton
                label={`Remove ${nameOf(entry, index)}`}
                onClick={() => onChange(entries.filter((_, at) => at !== index))}
              />
            </div>
            {below?.(entry, put, index)}
          </div>
        );
      })}
      {entries.length < max && (
        <AddButton {...(addTestId && { testId: addTestId })} onClick={() => onChange([...entries, fresh()])}>
          {add}
        </AddButton>
      )}
    </div>
  );
}
