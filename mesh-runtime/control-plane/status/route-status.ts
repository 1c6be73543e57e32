import { keyOf } from "../translate/input/lenient.ts";
import { routeController, type TranslatedParent, type TranslatedRoute } from "../translate/routes/routes.ts";
import type { Translation } from "../translate/translate.ts";
import { receiptKey } from "./receipt-item.ts";
import type { ReceiptLookup, WantedStatus } from "./wanted.ts";

const resourceOf = { HTTPRoute: "httpRoutes", GRPCRoute: "grpcRoutes" } as const;

/** A route's status: one entry for each parent that is ours, with Istio's conditions, our effect and receipt. */
export function routeStatus(
  { input, parents }: TranslatedRoute,
  translation: Pick<Translation, "routeEffects">,
  receipt: ReceiptLookup,
): WantedStatus {
  const key = keyOf(input);
  let undecidedUntilMs: number | undefined;
  const effects = translation.routeEffects(`${input.kind}/${key}`);
  const entries = parents.map((parent, index) => {
    const server = serverOf(parent);
    const found: ReturnType<ReceiptLookup> =
      server === undefined ? {} : receipt(receiptKey.route(input.kind, key, server));
    const enforced = found.condition === undefined ? [] : [{ ...found.condition, standing: found.standing === true }];
    undecidedUntilMs = found.undecidedUntilMs ?? undecidedUntilMs;
    const effect = effects[index];
    return {
      parentRef: parent.ref.written,
      controllerName: routeController,
      conditions: [...parent.conditions, ...(effect === undefined ? [] : [effect]), ...enforced].map((wanted) => ({
        ...wanted,
        observedGeneration: input.generation,
      })),
    };
  });
  return {
    resource: resourceOf[input.kind],
    key,
    fields: { parents: entries },
    ...(undecidedUntilMs === undefined ? {} : { undecidedUntilMs }),
  };
}

function serverOf({ gateway, service }: TranslatedParent): string | undefined {
  if (gateway !== undefined) {
    return `gateway/${gateway}`;
  }
  return service === undefined ? undefined : `service/${service}`;
}
