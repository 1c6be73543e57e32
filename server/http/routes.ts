import type { Route } from "./route.ts";
import { changeRoutes } from "./routes/changes.ts";
import { driftRoutes } from "./routes/drift.ts";
import { findingRoutes } from "./routes/findings.ts";
import { goldenPathRoutes } from "./routes/golden-paths.ts";
import { graphRoutes } from "./routes/graph.ts";
import { guardrailRoutes } from "./routes/guardrails.ts";
import { openApiRoutes } from "./routes/openapi.ts";
import { recordRoutes } from "./routes/records.ts";
import { rolloutBundleRoutes } from "./routes/rollout-bundles.ts";
import { rolloutRoutes } from "./routes/rollouts.ts";
import { serviceRoutes } from "./routes/services.ts";
import { sessionRoutes } from "./routes/session.ts";
import { tokenRoutes } from "./routes/tokens.ts";
import { tryRoutes } from "./routes/try-it.ts";
import { whatIfRoutes } from "./routes/what-if.ts";

/** What programs call, described by `openapi.json`. */
const forPrograms: readonly Route[] = [...rolloutRoutes, ...rolloutBundleRoutes, ...tokenRoutes];

/** The whole API, in one list: what a role may call is tested over it. */
export const routes: readonly Route[] = [
  ...sessionRoutes,
  ...graphRoutes,
  ...serviceRoutes,
  ...goldenPathRoutes,
  ...changeRoutes,
  ...guardrailRoutes,
  ...driftRoutes,
  ...tryRoutes,
  ...whatIfRoutes,
  ...findingRoutes,
  ...forPrograms,
  ...openApiRoutes(forPrograms),
  ...recordRoutes,
];
