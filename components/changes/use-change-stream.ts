"use client";

import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { type ChangeDetails, changeDetails } from "@/server/contracts/changes.ts";
import { endpoints } from "@/server/contracts/endpoints.ts";
import { queryKeys } from "../query/query-keys.ts";
import { isMoving } from "./change-words.ts";

/** Follows a change until it is verified or failed, or waits for people; every page that shows its effect is asked again then. */
export function useChangeStream(id: string | null): ChangeDetails | undefined {
  const client = useQueryClient();
  const [details, setDetails] = useState<ChangeDetails>();

  useEffect(() => {
    setDetails(undefined);
    if (id === null) {
      return;
    }
    const source = new EventSource(endpoints.changeStream(id));
    source.addEventListener("change", (event: MessageEvent<string>) => {
      const parsed = changeDetails.safeParse(JSON.parse(event.data));
      if (!parsed.success) {
        return;
      }
      setDetails(parsed.data);
      client.setQueryData(queryKeys.change(id), parsed.data);
      if (!isMoving(parsed.data.state)) {
        source.close();
        // Everything may look different now; the graph follows by its own stream.
        void client.invalidateQueries({
          predicate: (query) => query.queryKey[0] !== "graph" && query.queryKey[0] !== "change",
        });
      }
    });
    return () => source.close();
  }, [client, id]);

  return details;
}
