"use client";

import { Segmented } from "../../ui/segmented.tsx";
import { type FieldsProps, type ServiceOption, serviceOf } from "../form/path-form.ts";
import { Field } from "./field.tsx";
import { NumberField } from "./number-field.tsx";
import { OtherServiceField } from "./other-service-field.tsx";
import { PortField } from "./port-field.tsx";
import { ServiceField } from "./service-field.tsx";
import { VersionField } from "./version-field.tsx";

/** Where copies of requests go, and of how many. */
export function MirrorTrafficFields({ form }: FieldsProps<"mirror-traffic">) {
  const { draft, options, set, forward } = form;
  const service = serviceOf(options, draft.service);
  const { to } = draft;
  const untouched = to.kind === "service" && to.service === null;
  const chosen = ({ versions }: ServiceOption) => {
    if (to.kind === "version" || (untouched && versions.length > 1)) {
      set({ to: { kind: "version", version: versions.at(-1)?.version ?? "" } });
    }
  };
  return (
    <>
      <ServiceField form={form} label="Service whose requests are copied" layer7 onChosen={chosen} />
      {forward && (
        <>
          <Field group label="Copies go to" hint="Its answers are thrown away; callers notice nothing">
            <Segmented
              label="Copies go to"
              value={to.kind}
              options={[
                { value: "version", label: "A version of it" },
                { value: "service", label: "Another service" },
              ]}
              onChange={(kind) =>
                kind !== to.kind &&
                set({
                  to: kind === "version" ? { kind, version: "" } : { kind: "service", service: null, port: null },
                })
              }
            />
          </Field>
          {to.kind === "version" ? (
            <VersionField
              name="to.version"
              service={service}
              version={to.version}
              onChange={(version) => set({ to: { kind: "version", version } })}
            />
          ) : (
            <div className="two">
              <OtherServiceField
                name="to.service"
                label="Other service"
                options={options}
                service={to.service}
                onChosen={(option) =>
                  set({
                    to: {
                      kind: "service",
                      service: { namespace: option.namespace, name: option.name },
                      port: option.ports[0]?.port ?? null,
                    },
                  })
                }
              />
              <PortField
                name="to.port"
                service={serviceOf(options, to.service)}
                port={to.port}
                onChange={(port) => set({ to: { ...to, port } })}
              />
            </div>
          )}
          <NumberField
            name="percent"
            label="Share that is copied"
            unit="% of the requests"
            step={10}
            max={100}
            value={draft.percent}
            onChange={(percent) => set({ percent })}
          />
        </>
      )}
    </>
  );
}
