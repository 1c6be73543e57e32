import { Skeleton } from "../ui/states.tsx";

const labels = [116, 132, 84, 60] as const;

/** Keeps the place of the fields until the portal said what there is. */
export function FormSkeleton() {
  return (
    <div className="is-loading form-wait" aria-hidden="true">
      {labels.map((width) => (
        <div key={width} className="field">
          <span className="label">
            <Skeleton width={width} />
          </span>
          <span className="input is-waiting" />
          <span className="hint">
            <Skeleton width={width * 1.6} />
          </span>
        </div>
      ))}
    </div>
  );
}
