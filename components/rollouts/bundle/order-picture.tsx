import { duration } from "../../ui/format.ts";
import type { BundleOrder } from "./bundle-draft.ts";
import { slotsOf } from "./bundle-time.ts";

interface OrderPictureProps {
  readonly order: BundleOrder;
  readonly releases: readonly {
    readonly key: string | number;
    /** "web-api v2". */
    readonly name: string;
    /** Null: somebody must promote it; absent while it is not known. */
    readonly leastMs: number | null | undefined;
  }[];
}

/** Which release has its turn when: a bar for each, one below the other. */
export function OrderPicture({ order, releases }: OrderPictureProps) {
  const slots = slotsOf(
    order,
    releases.map(({ leastMs }) => leastMs),
  );
  return (
    <ol className="order-picture" data-testid="order-picture">
      {releases.map(({ key, name, leastMs }, at) => (
        <li key={key}>
          <span className="trunc sm">{name}</span>
          <span className="order-lane" aria-hidden="true">
            <i style={{ left: `${slots[at]?.from ?? 0}%`, width: `${slots[at]?.width ?? 0}%` }} />
          </span>
          <span className="num tn sm t2">
            {leastMs === undefined ? "–" : leastMs === null ? "a person" : duration(leastMs)}
          </span>
        </li>
      ))}
    </ol>
  );
}
