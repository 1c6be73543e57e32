import { QueryFailure } from "../../ui/query-states.tsx";
import { PreviewSkeleton } from "./preview-skeleton.tsx";

interface PreviewWaitsProps {
  /** What the form still lacks; empty while the preview is worked out. */
  readonly incomplete: string;
  readonly error: unknown;
  readonly onRetry: () => void;
}

/** Stands beside a form as long as there is no preview, and says why. */
export function PreviewWaits({ incomplete, error, onRetry }: PreviewWaitsProps) {
  return (
    <section className="preview" aria-label="What this would do" aria-busy={incomplete === "" && !error}>
      {error ? (
        <QueryFailure error={error} onRetry={onRetry} />
      ) : incomplete === "" ? (
        <PreviewSkeleton />
      ) : (
        <div className="say">
          <p>{incomplete}</p>
        </div>
      )}
    </section>
  );
}
