/** Forms about who may call a service. */
import * as z from "zod";
import { dnsName, portNumber, serviceRef } from "../names.ts";
import {
  callerChoice,
  duration,
  headerName,
  identityChoice,
  method,
  pathPattern,
  requestRules,
  servicePorts,
  until,
} from "./parts.ts";

const withoutCallers = z.object({ callers: z.array(z.unknown()).max(0), allowed: z.boolean().default(true) });

/**
 * Let a caller in: by identity, on the service's ports, for all requests or for those that are named. What is named
 * replaces what the same caller might do before. `allowed: false` withdraws the callers that are named; without callers
 * it opens a service that is kept closed since its last access ended by itself.
 */
export const letACallerInForm = z
  .strictObject({
    service: serviceRef,
    callers: z.array(callerChoice).max(50),
    ports: servicePorts,
    requests: requestRules,
    until,
    allowed: z.boolean().default(true),
  })
  .refine(({ allowed, callers }) => !allowed || callers.length > 0, {
    message: "Choose a caller",
    path: ["callers"],
    // A half-filled form says so too.
    when: ({ value }) => withoutCallers.safeParse(value).success,
  });
export type LetACallerInForm = z.infer<typeof letACallerInForm>;

/**
 * Block: refuse callers whatever else allows them. `all-but` refuses everybody but those who are named.
 * `blocked: false` takes the block away.
 */
export const blockACallerForm = z.strictObject({
  service: serviceRef,
  who: z.enum(["these", "all-but"]).default("these"),
  callers: z.array(identityChoice).min(1, "Choose a caller").max(50),
  ports: servicePorts,
  requests: requestRules,
  until,
  blocked: z.boolean().default(true),
});
export type BlockACallerForm = z.infer<typeof blockACallerForm>;

/** Where the keys of an issuer come from: fetched by the mesh, or pasted (JSON Web Key Set, RFC 7517). */
export const issuerKeys = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("url"),
    url: z.url({ protocol: /^https?$/, error: "Enter the address of the key set" }).max(2048),
  }),
  z.strictObject({ kind: z.literal("inline"), jwks: z.string().min(2, "Paste the key set").max(65_536) }),
]);
export type IssuerKeys = z.infer<typeof issuerKeys>;

/** A claim that must have one of the values; `groups`, or nested as `realm.roles`. */
export const claimCondition = z.strictObject({
  claim: z
    .string()
    .min(1, "Enter a claim")
    .max(256)
    .regex(/^[^\s[\]]+$/, "A claim has no spaces and brackets"),
  values: z.array(z.string().min(1).max(1024)).min(1, "Enter a value").max(32),
});
export type ClaimCondition = z.infer<typeof claimCondition>;

export const signInValues = {
  /** Exactly as the token's `iss` says it. */
  issuer: z.string().min(1, "Enter the issuer").max(2048).regex(/^\S+$/, "An issuer has no spaces"),
  keys: issuerKeys,
  /** Any of them; empty: any audience. */
  audiences: z.array(z.string().min(1).max(1024)).max(16).default([]),
  /** Where the token is; `name` is empty for the Authorization header. */
  tokenFrom: z.enum(["authorization", "header", "query", "cookie"]).default("authorization"),
  tokenName: z.string().max(256).default(""),
  /** All of them. */
  claims: z.array(claimCondition).max(8).default([]),
  /** Paths that need no token. */
  openPaths: z.array(pathPattern).max(32).default([]),
  /** Claims that the service gets as headers. */
  claimHeaders: z
    .array(z.strictObject({ claim: z.string().min(1).max(256), header: headerName }))
    .max(16)
    .default([]),
  /** The service gets the token too. */
  forwardToken: z.boolean().default(true),
} as const;

/** Require a signed-in user: a valid token (JWT, RFC 7519) of an issuer. `required: false` takes the rule away. */
export const requireSignInForm = z
  .strictObject({ service: serviceRef, ...signInValues, required: z.boolean().default(true) })
  .refine(({ tokenFrom, tokenName }) => (tokenFrom === "authorization") === (tokenName === ""), {
    message: "Enter the name",
    path: ["tokenName"],
  });
export type RequireSignInForm = z.infer<typeof requireSignInForm>;

/** An authorizer that the mesh does not know yet; adding one is for platform engineers. */
export const newAuthorizer = z.strictObject({
  protocol: z.enum(["http", "grpc"]),
  service: serviceRef,
  port: portNumber,
  timeout: duration.default("1s"),
  /** Headers of the request that it sees; for `http`. */
  headersToCheck: z.array(headerName).max(32).default([]),
  /** Headers that it may add to what the service gets; for `http`. */
  headersToService: z.array(headerName).max(32).default([]),
});
export type NewAuthorizer = z.infer<typeof newAuthorizer>;

/** Ask an external authorizer before a request is let through. `asked: false` takes the question away. */
export const askAnAuthorizerForm = z.strictObject({
  service: serviceRef,
  /** Name among the mesh's authorizers. */
  authorizer: dnsName,
  add: newAuthorizer.nullable().default(null),
  /** Empty: every method, every path. */
  methods: z.array(method).max(16).default([]),
  paths: z.array(pathPattern).max(32).default([]),
  exceptPaths: z.array(pathPattern).max(32).default([]),
  asked: z.boolean().default(true),
});
export type AskAnAuthorizerForm = z.infer<typeof askAnAuthorizerForm>;
