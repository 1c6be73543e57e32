/** What routes and the matches of rate limits look at. */
export interface RoutedRequest {
  readonly method: string;
  /** As sent, port included. */
  readonly authority: string;
  readonly scheme: "http" | "https";
  /** Normalized, without query. */
  readonly path: string;
  /** With `?`, or empty. */
  readonly query: string;
  /** Port that was called. */
  readonly port: number;
  /** Namespace of the caller's identity; empty without one. */
  readonly sourceNamespace: string;
  /** By lower-case name, repeated ones joined by `,`. */
  header(name: string): string | undefined;
}
