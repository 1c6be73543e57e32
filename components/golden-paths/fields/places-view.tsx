import { MapPin } from "lucide-react";
import { plural } from "../../ui/format.ts";
import type { ServiceOption } from "../form/path-form.ts";
import { Field } from "./field.tsx";

/** Where the pods of a service run, region by region. */
export function PlacesView({ service }: { readonly service: ServiceOption | undefined }) {
  if (!service) {
    return null;
  }
  const regions = Map.groupBy(service.places, ({ region }) => region);
  return (
    <Field group label="Where its pods run" hint={regions.size > 1 ? undefined : "All in one region"}>
      <ul className="places" data-testid="places">
        {[...regions].map(([region, places]) => (
          <li key={region}>
            <MapPin className="ic ic-14 t3" aria-hidden="true" />
            <span className="med">{region === "" ? "no region known" : region}</span>
            <span className="cap right">
              {places
                .map(({ zone, pods }) => `${zone === "" ? "no zone known" : zone}: ${plural(pods, "pod")}`)
                .join(", ")}
            </span>
          </li>
        ))}
        {service.places.length === 0 && <li className="cap">No pod of it runs now.</li>}
      </ul>
    </Field>
  );
}
