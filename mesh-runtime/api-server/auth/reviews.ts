import * as z from "zod";
import { errors } from "../api-error.ts";
import { decodeObject } from "../http/body.ts";
import type { ApiRequest } from "../http/request.ts";
import type { Answer } from "../http/respond.ts";
import type { Attributes, Authorizer } from "./authorize.ts";
import type { ComponentTokens } from "./component-tokens.ts";
import { issuer, type ServiceAccountTokens } from "./service-account-tokens.ts";
import type { UserInfo } from "./user.ts";

/** What reviews are answered from. */
export interface ReviewDeps {
  readonly authorizer: Authorizer;
  readonly components: ComponentTokens;
  readonly accounts: ServiceAccountTokens;
}

const text = z.string().max(1_024);
const accessSchema = z.object({
  resourceAttributes: z
    .object({
      namespace: text.optional(),
      verb: text.optional(),
      group: text.optional(),
      version: text.optional(),
      resource: text.optional(),
      subresource: text.optional(),
      name: text.optional(),
    })
    .optional(),
  nonResourceAttributes: z.object({ path: text.optional(), verb: text.optional() }).optional(),
  user: text.optional(),
  uid: text.optional(),
  groups: z.array(text).max(256).optional(),
  extra: z.record(text, z.array(text)).optional(),
});
const tokenSchema = z.object({ token: z.string().min(1).max(16_384), audiences: z.array(text).max(32).optional() });

type Review = (deps: ReviewDeps, request: ApiRequest, spec: unknown) => object;

function parsed<T>(schema: z.ZodType<T>, spec: unknown): T {
  const result = schema.safeParse(spec ?? {});
  if (!result.success) {
    const issue = result.error.issues[0];
    throw errors.badRequest(`spec.${issue?.path.join(".") ?? ""}: ${issue?.message ?? "is wrong"}`);
  }
  return result.data;
}

function attributesOf({
  resourceAttributes: of,
  nonResourceAttributes: path,
}: z.infer<typeof accessSchema>): Attributes {
  if ((of === undefined) === (path === undefined)) {
    throw errors.badRequest(
      "spec.resourceAttributes: exactly one of nonResourceAttributes or resourceAttributes must be specified",
    );
  }
  if (of === undefined) {
    return { verb: path?.verb ?? "", path: path?.path ?? "" };
  }
  const resource = of.subresource ? `${of.resource ?? ""}/${of.subresource}` : (of.resource ?? "");
  return { verb: of.verb ?? "", group: of.group ?? "", resource, namespace: of.namespace, name: of.name };
}

const access = (deps: ReviewDeps, user: UserInfo, spec: z.infer<typeof accessSchema>): object => {
  const { allowed, reason } = deps.authorizer.authorize(user, attributesOf(spec));
  return { spec, status: { allowed, reason } };
};

const shown = ({ username, uid, groups, extra }: UserInfo): object => ({
  username,
  ...(uid === "" ? {} : { uid }),
  groups,
  ...(Object.keys(extra).length === 0 ? {} : { extra }),
});

const reviews: Readonly<Record<string, { readonly kind: string; readonly run: Review }>> = {
  "authentication.k8s.io/selfsubjectreviews": {
    kind: "SelfSubjectReview",
    run: (_deps, { user }) => ({ status: { userInfo: shown(user) } }),
  },
  "authentication.k8s.io/tokenreviews": {
    kind: "TokenReview",
    run({ components, accounts }, _request, spec) {
      const { token, audiences = [issuer] } = parsed(tokenSchema, spec);
      // Components' tokens are for this API alone.
      const component = audiences.includes(issuer) ? components.authenticate(token) : undefined;
      const verified =
        component === undefined ? accounts.verify(token, audiences) : { user: component, audiences: [issuer] };
      return {
        spec: { token, audiences },
        status:
          verified === undefined
            ? { user: {}, error: "invalid bearer token" }
            : { authenticated: true, user: shown(verified.user), audiences: verified.audiences },
      };
    },
  },
  "authorization.k8s.io/selfsubjectaccessreviews": {
    kind: "SelfSubjectAccessReview",
    run: (deps, { user }, spec) => access(deps, user, parsed(accessSchema, spec)),
  },
  "authorization.k8s.io/subjectaccessreviews": {
    kind: "SubjectAccessReview",
    run(deps, _request, raw) {
      const spec = parsed(accessSchema, raw);
      const { user = "", uid = "", groups = [], extra = {} } = spec;
      return access(deps, { username: user, uid, groups, extra }, spec);
    },
  },
  "authorization.k8s.io/selfsubjectrulesreviews": {
    kind: "SelfSubjectRulesReview",
    run: ({ authorizer }, { user }, spec) => ({
      spec,
      status: { resourceRules: authorizer.rulesOf(user), nonResourceRules: [], incomplete: false },
    }),
  },
};

/** Answers a review, an object that is asked and never stored; undefined when `resource` is none. */
export async function answerReview(
  deps: ReviewDeps,
  request: ApiRequest,
  group: string,
  version: string,
  resource: string,
): Promise<Answer | undefined> {
  const review = version === "v1" ? reviews[`${group}/${resource}`] : undefined;
  if (review === undefined) {
    return undefined;
  }
  if (request.method !== "POST") {
    throw errors.methodNotAllowed();
  }
  const { value } = await decodeObject(request.raw, review.kind);
  const body = (value ?? {}) as { metadata?: object; spec?: unknown };
  const answer = {
    kind: review.kind,
    apiVersion: `${group}/v1`,
    metadata: { ...body.metadata, creationTimestamp: null },
    ...review.run(deps, request, body.spec),
  };
  return { code: 201, body: JSON.stringify(answer), warnings: request.warnings };
}
