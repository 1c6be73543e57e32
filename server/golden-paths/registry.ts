import type { Finding, PathFormValues, PathSlug } from "@/server/contracts/golden-paths.ts";
import { joinTheMesh } from "./join-the-mesh/path.ts";
import { letACallerIn } from "./let-a-caller-in/path.ts";
import { lockDown } from "./lock-down/path.ts";
import type { GoldenPath, PathContext, PathPlan } from "./path.ts";
import { requireMtls } from "./require-mtls/path.ts";

/** Every golden path. To add one: a folder with `path.ts` and its generator, a line here and in `render.ts`. */
export const goldenPaths: { readonly [S in PathSlug]: GoldenPath<S> } = {
  "join-the-mesh": joinTheMesh,
  "require-mtls": requireMtls,
  "lock-down": lockDown,
  "let-a-caller-in": letACallerIn,
};

export interface FilledIn {
  readonly plan: PathPlan;
  readonly sentence: string;
  readonly title: string;
  readonly confirmWord: string;
  readonly findings: readonly Finding[];
}

/** Everything a path says about a filled-in form. */
export function fillIn<S extends PathSlug>(slug: S, form: PathFormValues[S], context: PathContext): FilledIn {
  const path: GoldenPath<S> = goldenPaths[slug];
  return {
    plan: path.plan(form, context),
    sentence: path.explain(form, context),
    title: path.changeTitle(form),
    confirmWord: path.confirmWord(form),
    findings: path.findings(form, context),
  };
}
