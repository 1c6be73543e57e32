import { PortalError } from "@/server/errors.ts";

/** Streams that one person, or one program in their name, may have open at a time: each asks the database every second. */
export const streamsMax = 24;

/** Who has how many streams open in this process. */
export class OpenStreams {
  readonly #open = new Map<string, number>();

  /** One more; what it answers ends it, and may be called again. Throws PortalError `too-many-requests`. */
  begin(personId: string): () => void {
    const open = this.#open.get(personId) ?? 0;
    if (open >= streamsMax) {
      throw new PortalError(
        "too-many-requests",
        `You watch ${open} releases at this moment, and more are not told. Close some of their pages or programs first.`,
      );
    }
    this.#open.set(personId, open + 1);
    let ended = false;
    return () => {
      if (!ended) {
        ended = true;
        const left = (this.#open.get(personId) ?? 1) - 1;
        if (left > 0) {
          this.#open.set(personId, left);
        } else {
          this.#open.delete(personId);
        }
      }
    };
  }
}
