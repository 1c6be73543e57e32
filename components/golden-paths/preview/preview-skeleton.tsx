import { Skeleton } from "../../ui/states.tsx";

const rows = [180, 132, 156, 120] as const;

/** Keeps the place of a preview that is on its way, so that nothing jumps when it comes. */
export function PreviewSkeleton() {
  return (
    <div className="is-loading preview-wait" aria-hidden="true" data-testid="preview-loading">
      <div className="say">
        <Skeleton width={420} />
        <br />
        <Skeleton width={260} />
      </div>
      <div className="tabs">
        {[48, 70, 60, 44].map((width) => (
          <span key={width} className="tab">
            <Skeleton width={width} />
          </span>
        ))}
      </div>
      <div className="delta">
        {[150, 150, 130].map((width, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: fixed columns
          <div key={at}>
            <span className="fig">
              <Skeleton width={56} />
            </span>
            <span className="cap">
              <Skeleton width={width} />
            </span>
          </div>
        ))}
      </div>
      <ul className="wait-rows">
        {rows.map((width) => (
          <li key={width}>
            <Skeleton width={width} />
            <Skeleton width={56} />
          </li>
        ))}
      </ul>
    </div>
  );
}
