"use client";

import type { GoldenPathOptions } from "@/server/contracts/golden-paths.ts";
import { Segmented } from "../../ui/segmented.tsx";
import type { Draft } from "../form/draft.ts";
import { serviceOf } from "../form/path-form.ts";
import { More } from "../inputs/more.tsx";
import { DurationField } from "./duration-field.tsx";
import { OtherServiceField } from "./other-service-field.tsx";
import { PathField } from "./path-field.tsx";
import { PortField } from "./port-field.tsx";
import { TextField } from "./text-field.tsx";
import { TokensField } from "./tokens-field.tsx";

type Add = NonNullable<Draft<"ask-an-authorizer">["add"]>;

interface NewAuthorizerFieldsProps {
  readonly options: GoldenPathOptions;
  readonly name: string;
  readonly onName: (name: string) => void;
  readonly add: Add;
  readonly onChange: (add: Add) => void;
}

/** An authorizer that the mesh does not know yet. */
export function NewAuthorizerFields({ options, name, onName, add, onChange }: NewAuthorizerFieldsProps) {
  const put = (change: Partial<Add>) => onChange({ ...add, ...change });
  const inSmall = (text: string) => text.trim().toLowerCase();
  return (
    <fieldset className="rule is-next" aria-label="The new authorizer">
      <div className="two">
        <TextField
          name="authorizer"
          label="Its name"
          placeholder="ask-policy"
          mono
          value={name}
          onChange={(next) => onName(inSmall(next))}
        />
        <PathField name="add.protocol" group label="How it is asked">
          <Segmented
            label="How it is asked"
            value={add.protocol}
            options={[
              { value: "http", label: "HTTP" },
              { value: "grpc", label: "gRPC" },
            ]}
            onChange={(protocol) => put({ protocol })}
          />
        </PathField>
      </div>
      <div className="two">
        <OtherServiceField
          name="add.service"
          label="Service that decides"
          options={options}
          service={add.service}
          onChosen={(option) =>
            put({
              service: { namespace: option.namespace, name: option.name },
              port: option.ports[0]?.port ?? null,
            })
          }
        />
        <PortField
          name="add.port"
          service={serviceOf(options, add.service)}
          port={add.port}
          onChange={(port) => put({ port })}
        />
      </div>
      <More
        inside="longest wait, headers"
        names={["add.timeout", "add.headersToCheck", "add.headersToService"]}
        used={add.headersToCheck.length + add.headersToService.length > 0}
      >
        <DurationField
          name="add.timeout"
          label="Longest wait"
          hint="Then the request is refused"
          value={add.timeout}
          onChange={(timeout) => put({ timeout })}
        />
        {add.protocol === "http" && (
          <>
            <TokensField
              name="add.headersToCheck"
              label="Headers that it sees"
              placeholder="Authorization, cookie and the usual ones"
              values={add.headersToCheck}
              normalise={inSmall}
              onChange={(headersToCheck) => put({ headersToCheck })}
            />
            <TokensField
              name="add.headersToService"
              label="Headers that it may add"
              placeholder="None"
              values={add.headersToService}
              normalise={inSmall}
              onChange={(headersToService) => put({ headersToService })}
            />
          </>
        )}
      </More>
    </fieldset>
  );
}
