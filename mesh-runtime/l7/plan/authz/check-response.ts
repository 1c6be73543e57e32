import { fromBinary } from "@bufbuild/protobuf";
import type { L7HeaderEdit } from "../../../xds/proxy-config.ts";
import { fieldValue, isEditable } from "../filters/field-text.ts";
import type { AuthorizerAnswer, FieldChange } from "./authorizer-answer.ts";
import {
  HeaderValueOption_AppendAction as AppendAction,
  type CheckResponse,
  CheckResponseSchema,
  type HeaderValueOption,
  type OkHttpResponse,
} from "./gen/external-auth_pb.js";

/** Reads the answer (`envoy.service.auth.v3.CheckResponse`): status 0 allows, any other denies. Throws on what is none. */
export function decodeCheckResponse(bytes: Uint8Array): AuthorizerAnswer {
  const response: CheckResponse = fromBinary(CheckResponseSchema, bytes);
  const { httpResponse } = response;
  if ((response.status?.code ?? 0) === 0) {
    return allowed(httpResponse.case === "okResponse" ? httpResponse.value : undefined);
  }
  const denied = httpResponse.case === "deniedResponse" ? httpResponse.value : undefined;
  const status = denied?.status?.code ?? 0;
  return {
    kind: "denied",
    status: status >= 200 && status <= 599 ? status : 403,
    body: denied?.body ?? "",
    fields: (denied?.headers ?? []).flatMap((option) => {
      const field = fieldOf(option);
      return field === undefined ? [] : [field.name, field.value];
    }),
  };
}

function allowed(ok: OkHttpResponse | undefined): AuthorizerAnswer {
  const request: FieldChange[] = (ok?.headers ?? []).flatMap((option) => {
    const field = fieldOf(option);
    return field === undefined ? [] : [{ ...field, how: howInRequest(option) }];
  });
  for (const name of ok?.headersToRemove ?? []) {
    const lowerName = name.toLowerCase();
    if (isEditable(lowerName)) {
      request.push({ name: lowerName, value: "", how: "remove" });
    }
  }
  return {
    kind: "allowed",
    request,
    response: (ok?.responseHeadersToAdd ?? []).flatMap(responseEdit),
    setParameters: (ok?.queryParametersToSet ?? []).map(({ key, value }) => ({ name: key, value })),
    removeParameters: ok?.queryParametersToRemove ?? [],
  };
}

/** Host, framing and pseudo-headers are not the authorizer's to change. */
function fieldOf({ header }: HeaderValueOption): { name: string; value: string } | undefined {
  const name = header?.key.toLowerCase() ?? "";
  const given = header === undefined || header.rawValue.length === 0 ? (header?.value ?? "") : utf8(header.rawValue);
  const value = fieldValue(given);
  return value === undefined || !isEditable(name) ? undefined : { name, value };
}

const utf8 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("utf8");

/** Fields of the request are replaced unless the authorizer says otherwise ("append defaults to false"). */
function howInRequest({ append, appendAction }: HeaderValueOption): FieldChange["how"] {
  if (append !== undefined) {
    return append ? "add" : "set";
  }
  switch (appendAction) {
    case AppendAction.ADD_IF_ABSENT:
      return "add-if-absent";
    case AppendAction.OVERWRITE_IF_EXISTS:
      return "set-if-present";
    default:
      return "set";
  }
}

/** Fields of the answer are added unless the authorizer says otherwise. */
function responseEdit(option: HeaderValueOption): L7HeaderEdit[] {
  const field = fieldOf(option);
  if (field === undefined) {
    return [];
  }
  const overwrites =
    option.append === undefined
      ? option.appendAction === AppendAction.OVERWRITE_IF_EXISTS_OR_ADD ||
        option.appendAction === AppendAction.OVERWRITE_IF_EXISTS
      : !option.append;
  return [overwrites ? { set: [field], add: [], remove: [] } : { set: [], add: [field], remove: [] }];
}
