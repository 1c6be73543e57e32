import { QueryCache, QueryClient } from "@tanstack/react-query";
import { PortalError } from "./portal-error.ts";

const permanent = new Set(["forbidden", "not-found", "invalid-input", "unexpected-answer", "unauthenticated"]);

/** The one client of a browser tab. A session that ended leads to the sign-in page, wherever it is noticed. */
export function createQueryClient(): QueryClient {
  return new QueryClient({
    queryCache: new QueryCache({
      onError: (error) => {
        if (error instanceof PortalError && error.code === "unauthenticated") {
          const here = window.location.pathname + window.location.search;
          window.location.assign(`/sign-in?ended=1&next=${encodeURIComponent(here)}`);
        }
      },
    }),
    defaultOptions: {
      queries: {
        staleTime: 1000,
        refetchOnWindowFocus: true,
        retry: (failures, error) => failures < 2 && !(error instanceof PortalError && permanent.has(error.code)),
        retryDelay: (attempt) => 500 * 2 ** attempt,
      },
    },
  });
}
