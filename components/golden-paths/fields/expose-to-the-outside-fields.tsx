"use client";

import { type FieldsProps, type ServiceOption, serviceOf } from "../form/path-form.ts";
import { suggestPrefixes } from "../form/seen-words.ts";
import { Toggle } from "../inputs/toggle.tsx";
import { CertificateField } from "./certificate-field.tsx";
import { GatewayField } from "./gateway-field.tsx";
import { PortField } from "./port-field.tsx";
import { ServiceField } from "./service-field.tsx";
import { TextField } from "./text-field.tsx";

/** Under which host, path and certificate a service is served, at which gateway. */
export function ExposeToTheOutsideFields({ form }: FieldsProps<"expose-to-the-outside">) {
  const { draft, options, set, forward } = form;
  const service = serviceOf(options, draft.service);
  const gateway = options.gateways.find(
    ({ namespace, name }) => namespace === draft.gateway?.namespace && name === draft.gateway.name,
  );
  const chosen = ({ ports }: ServiceOption) => {
    const [only] = options.gateways;
    set({
      port: ports[0]?.port ?? null,
      ...(draft.gateway === null && only && { gateway: { namespace: only.namespace, name: only.name } }),
    });
  };
  return (
    <>
      <ServiceField form={form} label="Service" onChosen={chosen} />
      <TextField
        name="host"
        label="Host"
        placeholder="shop.example.com"
        hint="The name that people outside type"
        value={draft.host}
        suggestions={(gateway?.hosts ?? [])
          .filter((host) => !host.includes("*"))
          .map((value) => ({ value, detail: "served now" }))}
        onChange={(host) => set({ host })}
      />
      {forward && (
        <>
          <div className="two">
            <TextField
              name="path"
              label="Paths that begin with"
              value={draft.path}
              suggestions={suggestPrefixes(service?.seen)}
              onChange={(path) => set({ path: path.trim() })}
            />
            <PortField service={service} port={draft.port} onChange={(port) => set({ port })} />
          </div>
          <div className="two">
            <GatewayField options={options} gateway={draft.gateway} onChange={(next) => set({ gateway: next })} />
            <CertificateField
              known={gateway?.certificates ?? []}
              certificate={draft.certificate}
              onChange={(certificate) => set({ certificate })}
            />
          </div>
          {draft.certificate !== null && (
            <Toggle
              title="Send plain requests to HTTPS"
              checked={draft.redirectToHttps}
              onChange={(redirectToHttps) => set({ redirectToHttps })}
            >
              Whoever comes by http:// is led to https://
            </Toggle>
          )}
        </>
      )}
    </>
  );
}
