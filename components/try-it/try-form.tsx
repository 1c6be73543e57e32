"use client";

import { zodResolver } from "@hookform/resolvers/zod";
import { Plus, Send, Square, X } from "lucide-react";
import { useFieldArray, useForm } from "react-hook-form";
import * as z from "zod";
import { type TryOptions, type TryRequest, type TrySource, tryMethod, tryRequest } from "@/server/contracts/try-it.ts";
import { Field } from "../golden-paths/fields/field.tsx";
import { SelectInput } from "../golden-paths/fields/select-input.tsx";
import { useUrlState } from "../query/url-state.ts";
import { Button, IconButton } from "../ui/button.tsx";

/** As it stands in the form: the source by its key, numbers as the fields give them. */
const formSchema = z.object({
  as: z.string().min(1, "Choose who sends"),
  method: tryMethod,
  url: tryRequest.shape.url,
  headers: tryRequest.shape.headers.unwrap(),
  body: z.string().max(65_536),
  count: z.int("Enter a whole number").min(1, "At least 1").max(1000, "At most 1,000"),
  concurrency: z.int("Enter a whole number").min(1, "At least 1").max(16, "At most 16"),
});
type TryFormValues = z.infer<typeof formSchema>;

/** What is filled in when the form opens. */
export type InitialTry = Partial<Pick<TryFormValues, "as" | "method" | "url" | "headers" | "body" | "count">>;

interface TryFormProps {
  readonly options: TryOptions;
  readonly initial: InitialTry;
  readonly running: boolean;
  readonly onSend: (request: TryRequest) => Promise<void>;
  readonly onStop: () => void;
}

/** A source as the form names it: `outside` or `<namespace>/<workload>`. */
export const keyOf = (source: TrySource): string =>
  source.kind === "outside" ? "outside" : `${source.namespace}/${source.workload}`;

/** Headers that rules often ask for. */
const presets = [
  { name: "x-canary", value: "true", label: "x-canary: true" },
  { name: "Authorization", value: "Bearer ", label: "Bearer token" },
] as const;

/** Who sends what, how often. */
export function TryForm({ options, initial, running, onSend, onStop }: TryFormProps) {
  const { change } = useUrlState();
  const mine = options.sources.filter((option) => option.mine);
  const first =
    mine.find((option) => keyOf(option.source) === initial.as) ??
    (initial.url ? mine.find((option) => option.source.kind === "workload" && option.ready) : undefined) ??
    mine[0];
  const outside = first?.source.kind === "outside";
  const target = options.targets.find((option) => option.outside === outside);
  const form = useForm<TryFormValues>({
    resolver: zodResolver(formSchema),
    defaultValues: {
      as: first ? keyOf(first.source) : "",
      method: initial.method ?? "GET",
      url: initial.url ?? target?.url ?? "",
      headers:
        initial.headers ?? (!initial.url && target && target.host !== "" ? [{ name: "Host", value: target.host }] : []),
      body: initial.body ?? "",
      count: initial.count ?? 1,
      concurrency: 1,
    },
  });
  const headers = useFieldArray({ control: form.control, name: "headers" });
  const present = new Set(form.watch("headers").map((header) => header.name.toLowerCase()));
  const as = form.watch("as");
  const method = form.watch("method");
  const source = options.sources.find((option) => keyOf(option.source) === as);
  const outsideNow = source?.source.kind === "outside";
  const { errors } = form.formState;
  const targets = options.targets.filter((option) => option.outside === (as === "outside"));

  const aim = (url: string, host: string) => {
    form.setValue("url", url, { shouldValidate: true });
    form.setValue(
      "headers",
      host === ""
        ? form.getValues("headers").filter((header) => header.name.toLowerCase() !== "host")
        : [{ name: "Host", value: host }],
    );
  };
  const submit = form.handleSubmit(async ({ as: _, ...values }) => {
    if (source) {
      change({ as: keyOf(source.source), url: values.url });
      await onSend({ ...values, source: source.source, timeoutMs: 5000 });
    }
  });

  return (
    <form
      className="try-fields"
      aria-label="Request"
      onSubmit={(event) => void submit(event)}
      onKeyDown={(event) => {
        if (event.key === "Enter" && (event.metaKey || event.ctrlKey)) {
          event.preventDefault();
          void submit();
        }
      }}
    >
      <Field
        id="as"
        label="Send as"
        error={errors.as?.message}
        hint={
          source &&
          (source.source.kind === "outside"
            ? "From this machine, through the ingress gateway"
            : `With the identity of service account ${source.serviceAccount} in ${source.namespace}`)
        }
      >
        <SelectInput
          id="as"
          testId="try-source"
          placeholder="Choose a workload"
          value={as}
          onChange={(next) => {
            form.setValue("as", next, { shouldValidate: true });
            const wasOutside = as === "outside";
            if (wasOutside !== (next === "outside")) {
              const fitting = options.targets.find((option) => option.outside === (next === "outside"));
              if (fitting) {
                aim(fitting.url, fitting.host);
              }
            }
          }}
          choices={options.sources.map((option) => ({
            value: keyOf(option.source),
            label: option.title,
            detail: !option.mine ? "not yours" : !option.ready ? "not ready" : option.namespace,
            disabled: !option.mine || !option.ready,
          }))}
        />
      </Field>
      <Field id="url" label="Request" error={errors.url?.message}>
        <div className="try-line">
          <span style={{ width: 108 }}>
            <SelectInput
              id="method"
              label="Method"
              placeholder="GET"
              value={method}
              onChange={(next) => form.setValue("method", tryMethod.parse(next))}
              choices={tryMethod.options.map((value) => ({ value, label: value }))}
            />
          </span>
          <span className={errors.url ? "input grow is-error" : "input grow"}>
            <input id="url" className="mono" spellCheck={false} data-testid="try-url" {...form.register("url")} />
          </span>
        </div>
      </Field>
      {targets.length > 0 && (
        <div className="try-targets">
          {targets.map((option) => (
            <Button key={option.title} size="s" onClick={() => aim(option.url, option.host)} title={option.url}>
              {option.title}
            </Button>
          ))}
        </div>
      )}
      <Field
        group
        label="Headers"
        optional
        error={
          errors.headers?.find?.((item) => item)?.name?.message ??
          errors.headers?.find?.((item) => item)?.value?.message
        }
      >
        {headers.fields.map((field, index) => (
          <div key={field.id} className="try-line">
            <span className="input" style={{ width: 150 }}>
              <input
                className="mono"
                aria-label="Name of the header"
                spellCheck={false}
                {...form.register(`headers.${index}.name`)}
              />
            </span>
            <span className="input grow">
              <input
                className="mono"
                aria-label="Value of the header"
                spellCheck={false}
                {...form.register(`headers.${index}.value`)}
              />
            </span>
            <IconButton icon={X} label="Remove this header" onClick={() => headers.remove(index)} />
          </div>
        ))}
        <span className="row" style={{ flexWrap: "wrap" }}>
          <Button size="s" look="ghost" icon={Plus} onClick={() => headers.append({ name: "", value: "" })}>
            Add a header
          </Button>
          {presets
            .filter(({ name }) => !present.has(name.toLowerCase()))
            .map(({ name, value, label }) => (
              <Button key={name} size="s" look="ghost" onClick={() => headers.append({ name, value })}>
                {label}
              </Button>
            ))}
        </span>
      </Field>
      {!["GET", "HEAD", "OPTIONS"].includes(method) && (
        <Field id="body" label="Body" optional error={errors.body?.message}>
          <div className="input is-area">
            <textarea id="body" className="mono" rows={4} spellCheck={false} {...form.register("body")} />
          </div>
        </Field>
      )}
      <div className="two">
        <Field id="count" label="How often" error={errors.count?.message} hint="up to 1,000">
          <span className="input">
            <input
              id="count"
              inputMode="numeric"
              data-testid="try-count"
              {...form.register("count", { valueAsNumber: true })}
            />
          </span>
        </Field>
        <Field id="concurrency" label="At once" error={errors.concurrency?.message} hint="up to 16">
          <span className="input">
            <input id="concurrency" inputMode="numeric" {...form.register("concurrency", { valueAsNumber: true })} />
          </span>
        </Field>
      </div>
      <div className="row">
        <Button
          type="submit"
          look="primary"
          size="l"
          icon={Send}
          busy={running}
          disabled={running || !source}
          hint="⌘ ↵"
          data-testid="try-send"
        >
          {running ? "Sending" : outsideNow ? "Send from outside" : source ? `Send as ${source.title}` : "Send"}
        </Button>
        {running && (
          <Button size="l" icon={Square} onClick={onStop}>
            Stop
          </Button>
        )}
      </div>
      {mine.length === 0 && (
        <p className="cap">
          Needs the role of a developer or platform engineer: requests are sent as workloads of your own namespaces.
        </p>
      )}
    </form>
  );
}
