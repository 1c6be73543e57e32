import type { LetACallerInForm } from "@/server/contracts/golden-paths/access.ts";
import type { PathContext } from "../path.ts";
import { planGrants } from "./plan.ts";

/** How many callers of the service are left once the form is applied. */
export function remainingCallers(form: LetACallerInForm, context: PathContext): number {
  const { changes } = planGrants(form, context);
  const prefix = `let-a-caller-in/${form.service.namespace}/${form.service.name}/`;
  const gone = new Set(changes.filter(({ after }) => after === undefined).map(({ key }) => key));
  return [...context.current.keys()].filter((key) => key.startsWith(prefix) && !gone.has(key)).length;
}
