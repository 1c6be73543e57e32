/** Why there is no preview, and what that means for the button. Pure. */
import { PortalError } from "../../query/portal-error.ts";

/** Without a cause nothing was heard of the portal at all. */
export const noPreviewWords = (error: unknown): string =>
  error instanceof PortalError && error.problem !== undefined
    ? error.userMessage
    : "The portal does not answer. Without a preview nothing is started; what you entered stays here.";
