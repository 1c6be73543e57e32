/** core/v1 ServiceAccount: behaviour. */
import { type ServiceAccount, serviceAccountSchema } from "../serviceaccount.ts";
import { ageColumn, column, nameColumn } from "./columns.ts";
import { nativeKind } from "./define.ts";

export const serviceAccountKind = nativeKind<ServiceAccount>({
  group: "",
  version: "v1",
  kind: "ServiceAccount",
  plural: "serviceaccounts",
  shortNames: ["sa"],
  schema: serviceAccountSchema,
  columns: [
    nameColumn,
    column("Secrets", (account: ServiceAccount) => account.secrets?.length ?? 0, { type: "integer" }),
    ageColumn,
  ],
});
