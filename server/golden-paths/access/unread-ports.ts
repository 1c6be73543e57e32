import type { Finding } from "@/server/contracts/golden-paths.ts";
import type { Inventory, InventoryService } from "@/server/inventory/model.ts";
import { finding, listNames } from "../path.ts";
import { httpPortsOf } from "../service-routes/http-ports.ts";
import { portsText } from "./words.ts";

/** A rule for all of a service, some of whose ports speak no HTTP: what happens there, in words. */
export function unreadService(service: InventoryService, inventory: Inventory, what: string): Finding[] {
  const readable = httpPortsOf(inventory, service);
  const others = service.ports.map(({ port }) => port).filter((port) => !readable.includes(port));
  if (others.length === 0) {
    return [];
  }
  const level = readable.length === 0 ? "error" : "warning";
  const message = `${portsText(others).replace(/^p/, "P")} of ${service.name} ${others.length === 1 ? "does" : "do"} not speak HTTP: ${what}.${readable.length === 0 ? "" : ` Requests are read on ${listNames(readable.map(String))}.`}`;
  return [finding(level, "rule-without-effect", "service", message)];
}
