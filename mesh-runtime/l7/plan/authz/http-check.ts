import { Fields } from "../../../http1/index.ts";
import type { L7Authorizer, L7Cluster } from "../../../xds/proxy-config.ts";
import type { ClusterCall, ClusterResponse } from "../cluster-call.ts";
import type { Draft } from "../draft.ts";
import { fieldValue, isEditable } from "../filters/field-text.ts";
import type { AuthorizerAnswer, Check, FieldChange } from "./authorizer-answer.ts";
import { partialBodyField } from "./checked-body.ts";
import { compileHeaderPatterns } from "./header-patterns.ts";

const answerBytesMax = 64 * 1024;
const noBody = Buffer.alloc(0);

/**
 * Asks over HTTP as Envoy's `ext_authz` does: the request's own method, host and path (behind a prefix), with
 * `authorization` and the listed fields alone. 200 allows, 5xx is a failure of the authorizer, anything else is the answer
 * to the client.
 */
export function httpCheck(authorizer: L7Authorizer, cluster: L7Cluster, call: ClusterCall): Check {
  const included = compileHeaderPatterns(["authorization", ...authorizer.includeRequestHeaders]);
  const additional = authorizer.includeAdditionalHeaders.flatMap(({ name, value }) => {
    const text = fieldValue(value);
    return text === undefined || !isEditable(name.toLowerCase()) ? [] : [{ name: name.toLowerCase(), value: text }];
  });
  const read = answerReader(authorizer);
  return async (draft, body) => {
    try {
      const fields = selected(draft, included);
      for (const { name, value } of additional) {
        fields.set(name, value);
      }
      if (body !== undefined) {
        fields.set(partialBodyField, String(body.partial));
      }
      const response = await call({
        cluster,
        protocol: "HTTP/1.1",
        method: draft.method,
        authority: draft.authority,
        target: authorizer.pathPrefix + draft.path + draft.query,
        fields,
        body: body?.data ?? noBody,
        timeoutMs: authorizer.timeoutMs,
        responseBytesMax: answerBytesMax,
      });
      return read(response);
    } catch {
      return { kind: "error" };
    }
  };
}

function selected({ fields: { list } }: Draft, included: (lowerName: string) => boolean): Fields {
  const fields = new Fields();
  for (let index = 0; index < list.length; index += 2) {
    const name = (list[index] ?? "").toLowerCase();
    if (included(name)) {
      fields.add(name, list[index + 1] ?? "");
    }
  }
  return fields;
}

/** Fields that an answer has for itself. */
const ofTheAnswer = new Set(["date", "server"]);

function answerReader(authorizer: L7Authorizer): (response: ClusterResponse) => AuthorizerAnswer {
  const { headersToUpstreamOnAllow, headersToDownstreamOnAllow, headersToDownstreamOnDeny } = authorizer;
  const upstream = compileHeaderPatterns(headersToUpstreamOnAllow);
  const onAllow = compileHeaderPatterns(headersToDownstreamOnAllow);
  // Without a list all fields are passed on; with one these come along (Envoy, `allowed_client_headers`).
  const onDeny =
    headersToDownstreamOnDeny.length === 0
      ? () => true
      : compileHeaderPatterns([...headersToDownstreamOnDeny, "www-authenticate", "location"]);
  return ({ status, fields, body }) => {
    if (status >= 500) {
      return { kind: "error" };
    }
    if (status !== 200) {
      const passed = passedFields(fields, onDeny).flatMap(({ name, value }) => [name, value]);
      return { kind: "denied", status, body: body.toString("utf8"), fields: passed };
    }
    const seen = new Set<string>();
    const request = passedFields(fields, upstream).map(({ name, value }): FieldChange => {
      const how = seen.has(name) ? "add" : "set";
      seen.add(name);
      return { name, value, how };
    });
    const added = passedFields(fields, onAllow);
    return {
      kind: "allowed",
      request,
      response: added.length === 0 ? [] : [{ set: [], add: added, remove: [] }],
      setParameters: [],
      removeParameters: [],
    };
  };
}

function passedFields({ list }: Fields, passes: (lowerName: string) => boolean): { name: string; value: string }[] {
  const passed: { name: string; value: string }[] = [];
  for (let index = 0; index < list.length; index += 2) {
    const name = (list[index] ?? "").toLowerCase();
    if (isEditable(name) && !ofTheAnswer.has(name) && passes(name)) {
      passed.push({ name, value: list[index + 1] ?? "" });
    }
  }
  return passed;
}
