import { AppLink } from "../ui/app-link.tsx";
import { LinkButton } from "../ui/button.tsx";
import { Page, PageHead } from "../ui/page.tsx";
import { LoadingLine, QueryFailure } from "../ui/query-states.tsx";

interface AwaitedPageProps {
  /** "Release". */
  readonly title: string;
  readonly loading: string;
  readonly error: Error | null;
  readonly onRetry: () => void;
}

/** Stands where a release or bundle will be, or says why it is not there. */
export function AwaitedPage({ title, loading, error, onRetry }: AwaitedPageProps) {
  return (
    <Page>
      <PageHead title={title} crumb={<AppLink href="/rollouts">Rollouts</AppLink>} />
      {error ? (
        <QueryFailure
          error={error}
          onRetry={onRetry}
          action={
            <LinkButton size="s" href="/rollouts">
              All releases
            </LinkButton>
          }
        />
      ) : (
        <LoadingLine>{loading}</LoadingLine>
      )}
    </Page>
  );
}
