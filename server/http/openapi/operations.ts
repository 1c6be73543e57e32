/** What each address of releases, bundles and tokens is for, in words: the rest of the document follows from the routes. */
import type { ProblemCode } from "@/server/contracts/errors.ts";
import type { RolloutAction } from "@/server/contracts/rollouts.ts";
import type { AnswerName } from "./schemas.ts";

export interface Operation {
  /** Unique: what generated clients call it. */
  readonly id: string;
  readonly tag: "releases" | "bundles" | "tokens";
  readonly summary: string;
  readonly status: 200 | 201 | 202 | 204;
  /** Undefined: no JSON. */
  readonly answer?: AnswerName;
  /** Other types of content that it answers, with what they are. */
  readonly also?: Readonly<Record<string, string>>;
  /** Problems of its own, beside those that every route has. */
  readonly codes: readonly ProblemCode[];
  /** A body that is really taken. */
  readonly example?: unknown;
}

const unreachable: readonly ProblemCode[] = ["cluster-unreachable"];
const starting: readonly ProblemCode[] = [
  ...["conflict", "release-running", "blocked-by-findings", "too-many-requests", "path-restricted", "frozen"],
  ...["refused-by-cluster", "cluster-unreachable"],
] as ProblemCode[];

const spec = {
  service: { namespace: "purchase-history", name: "purchase-history" },
  kind: "weighted",
  stable: "v1",
  canary: "v2",
  steps: [{ weight: 10, hold: "1m" }, { weight: 50, hold: "2m", gate: true }, { weight: 100 }],
};
const secondSpec = { ...spec, service: { namespace: "web-api", name: "web-api" } };

const actions: Readonly<Record<RolloutAction, string>> = {
  promote: "Take the next step",
  "promote-fully": "Give the new version all calls",
  pause: "Hold it where it is",
  resume: "Let a held release go on",
  abort: "Give all calls back to the stable version",
  retry: "Start a release that ended without success again, as a release of its own",
  restart: "Begin again with a step",
  undo: "Give the calls back after it completed",
};

const actionOperation = (action: RolloutAction): [string, Operation] => [
  `POST /api/v1/rollouts/:id/${action}`,
  {
    id: `${action.replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase())}Release`,
    tag: "releases",
    summary: actions[action],
    status: 202,
    answer: "RolloutDetails",
    codes: [
      ...(["not-found", "conflict", "not-in-this-state", "release-running"] as const),
      // Tried again, it begins anew.
      ...(action === "retry" ? (["blocked-by-findings", "too-many-requests"] as const) : []),
      ...unreachable,
    ],
    example: action === "restart" ? { step: 0, reason: "v2 was fixed" } : { reason: "figures look fine" },
  },
];

/** By method and path as the routes have them. */
export const operations: Readonly<Record<string, Operation>> = {
  "GET /api/v1/rollouts": {
    ...{ id: "listReleases", tag: "releases", summary: "Releases, newest first", status: 200 },
    ...{ answer: "RolloutList", codes: [] },
  },
  "GET /api/v1/rollouts/options": {
    ...{ id: "releaseOptions", tag: "releases", summary: "Services, their versions and figures", status: 200 },
    ...{ answer: "RolloutOptions", codes: unreachable },
  },
  "POST /api/v1/rollouts/preview": {
    ...{ id: "previewRelease", tag: "releases", summary: "What starting a release would do", status: 200 },
    ...{ answer: "RolloutPreview", codes: starting, example: spec },
  },
  "POST /api/v1/rollouts": {
    ...{ id: "startRelease", tag: "releases", summary: "Start a release", status: 201 },
    ...{
      answer: "RolloutDetails",
      codes: starting,
      example: { spec, openedUnixMs: 1_795_000_000_000, reason: "build 214" },
    },
  },
  "GET /api/v1/rollouts/:id": {
    ...{ id: "getRelease", tag: "releases", summary: "A release with its steps, verdicts and events", status: 200 },
    ...{ answer: "RolloutDetails", codes: ["not-found"] },
  },
  "GET /api/v1/rollouts/:id/stream": {
    ...{ id: "watchRelease", tag: "releases", summary: "A release whenever it moves, until it ended", status: 200 },
    also: { "text/event-stream": "Events named `rollout`, each with a whole RolloutDetails as JSON" },
    codes: ["not-found"],
  },
  "GET /api/v1/rollouts/:id/series": {
    ...{ id: "releaseSeries", tag: "releases", summary: "What the proxies counted, by version", status: 200 },
    ...{ answer: "RolloutSeries", codes: ["not-found"] },
  },
  "GET /api/v1/rollouts/:id/report": {
    ...{ id: "releaseReport", tag: "releases", summary: "A release whole, as a file", status: 200 },
    ...{ answer: "RolloutReport", also: { "text/markdown": "The report for people" }, codes: ["not-found"] },
  },
  "POST /api/v1/rollouts/:id/chain-check": {
    ...{ id: "checkChain", tag: "releases", status: 200, answer: "ChainCheck" },
    summary: "Look whether the services in between pass the header on",
    codes: ["not-found", "not-in-this-state", "too-many-requests", ...unreachable],
  },
  ...Object.fromEntries((Object.keys(actions) as RolloutAction[]).map(actionOperation)),
  "GET /api/v1/rollout-bundles": {
    ...{ id: "listBundles", tag: "bundles", summary: "Releases that belong together", status: 200 },
    ...{ answer: "BundleList", codes: [] },
  },
  "POST /api/v1/rollout-bundles": {
    ...{ id: "startBundle", tag: "bundles", summary: "Start releases that belong together", status: 201 },
    ...{ answer: "BundleDetails", codes: starting },
    example: { title: "Spring sale", specs: [spec, secondSpec], openedUnixMs: 1_795_000_000_000 },
  },
  "GET /api/v1/rollout-bundles/:id": {
    ...{ id: "getBundle", tag: "bundles", summary: "A bundle with its releases", status: 200 },
    ...{ answer: "BundleDetails", codes: ["not-found"] },
  },
  "POST /api/v1/rollout-bundles/:id/abort": {
    ...{ id: "abortBundle", tag: "bundles", summary: "Take all of its releases back", status: 202 },
    ...{ answer: "BundleDetails", codes: ["not-found", "not-in-this-state"], example: { reason: "sale is off" } },
  },
  "GET /api/v1/tokens": {
    ...{ id: "listTokens", tag: "tokens", summary: "Your tokens", status: 200, answer: "TokenList", codes: [] },
  },
  "POST /api/v1/tokens": {
    ...{ id: "makeToken", tag: "tokens", summary: "Make a token; its secret is told this once", status: 201 },
    ...{ answer: "MadeToken", codes: ["too-many-requests"] },
    example: { name: "deploy pipeline", scopes: ["rollouts:read", "rollouts:start"], days: 30 },
  },
  "DELETE /api/v1/tokens/:id": {
    ...{ id: "endToken", tag: "tokens", summary: "End a token", status: 204, codes: ["not-found"] },
  },
};
