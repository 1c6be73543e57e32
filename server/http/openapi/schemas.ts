/** The contracts as JSON Schema 2020-12, which OpenAPI 3.1 takes as it is. Pure. */
import * as z from "zod";
import { apiToken, madeToken, tokenList, tokenRequest } from "@/server/contracts/api-tokens.ts";
import { problem } from "@/server/contracts/errors.ts";
import { preview } from "@/server/contracts/golden-paths.ts";
import { person, serviceRef } from "@/server/contracts/names.ts";
import { bundleAbortRequest, bundleDetails, bundleList, bundleRequest } from "@/server/contracts/rollout-bundles.ts";
import { rolloutReport } from "@/server/contracts/rollout-report.ts";
import { analysisRules, rolloutSpec, rolloutStep } from "@/server/contracts/rollout-spec.ts";
import {
  actionOffer,
  actionRequest,
  chainCheck,
  intervalVerdict,
  measureVerdict,
  rolloutDetails,
  rolloutEvent,
  rolloutList,
  rolloutOptions,
  rolloutPreview,
  rolloutSeries,
  rolloutSummary,
  startRequest,
  stepProgress,
  versionFigures,
} from "@/server/contracts/rollouts.ts";

type Schema = Readonly<Record<string, unknown>>;

/** As they come out: fields with a default are always there. */
const answers = {
  ServiceRef: serviceRef,
  Person: person,
  Problem: problem,
  RolloutStep: rolloutStep,
  AnalysisRules: analysisRules,
  RolloutSpec: rolloutSpec,
  MeasureVerdict: measureVerdict,
  IntervalVerdict: intervalVerdict,
  RolloutEvent: rolloutEvent,
  ActionOffer: actionOffer,
  VersionFigures: versionFigures,
  StepProgress: stepProgress,
  ChainCheck: chainCheck,
  RolloutSummary: rolloutSummary,
  RolloutDetails: rolloutDetails,
  RolloutReport: rolloutReport,
  RolloutList: rolloutList,
  ChangePreview: preview,
  RolloutPreview: rolloutPreview,
  RolloutOptions: rolloutOptions,
  RolloutSeries: rolloutSeries,
  BundleDetails: bundleDetails,
  BundleList: bundleList,
  ApiToken: apiToken,
  TokenList: tokenList,
  MadeToken: madeToken,
} as const;
export type AnswerName = keyof typeof answers;

/** As they are sent: fields with a default may be left away. */
const requests = {
  RolloutStepRequest: rolloutStep,
  AnalysisRulesRequest: analysisRules,
  RolloutSpecRequest: rolloutSpec,
  StartRequest: startRequest,
  ActionRequest: actionRequest,
  BundleRequest: bundleRequest,
  BundleAbortRequest: bundleAbortRequest,
  TokenRequest: tokenRequest,
} as const;
type RequestName = keyof typeof requests;

const refTo = (name: string): string => `#/components/schemas/${name}`;

/** `$id` would make references relative to it. */
const bare = ({ $schema: _, $id: __, ...schema }: Schema): Schema => schema;

function generate(schemas: Readonly<Record<string, z.ZodType>>, io: "input" | "output"): Record<string, Schema> {
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries(schemas)) {
    registry.add(schema, { id });
  }
  const made = z.toJSONSchema(registry, { uri: refTo, io }).schemas;
  return Object.fromEntries(Object.entries(made).map(([name, schema]) => [name, bare(schema)]));
}

/** All of `components/schemas`. */
export const componentSchemas = (): Record<string, Schema> => ({
  ...generate(answers, "output"),
  ...generate(requests, "input"),
});

export const answerRef = (name: AnswerName): Schema => ({ $ref: refTo(name) });

/** The component of a body's schema. Throws when a route takes a body that is not listed here. */
export function requestRef(body: z.ZodType): Schema {
  const name = (Object.keys(requests) as RequestName[]).find((known) => requests[known] === body);
  if (name === undefined) {
    throw new Error("a route's body is missing among the schemas of requests");
  }
  return { $ref: refTo(name) };
}

/** Schema of each parameter of a query, and whether it must be there. */
export function queryParameters(query: z.ZodType): { name: string; required: boolean; schema: Schema }[] {
  const { properties = {}, required = [] } = bare(z.toJSONSchema(query, { io: "input" })) as {
    properties?: Record<string, Schema>;
    required?: readonly string[];
  };
  return Object.entries(properties).map(([name, schema]) => ({ name, required: required.includes(name), schema }));
}
