"use client";

import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { type ChangeDetails, changeDetails } from "@/server/contracts/changes.ts";
import { endpoints } from "@/server/contracts/endpoints.ts";
import { queryKeys } from "../query/query-keys.ts";
import { isMoving } from "./change-words.ts";

/**
 * Follows a change until it is verified and proven, or failed, or waits for people; every page that shows its effect is
 * asked again once it is in force.
 */
export function useChangeStream(id: string | null): ChangeDetails | undefined {
  const client = useQueryClient();
  const [details, setDetails] = useState<ChangeDetails>();

  useEffect(() => {
    setDetails(undefined);
    if (id === null) {
      return;
    }
    const source = new EventSource(endpoints.changeStream(id));
    let rests = false;
    source.addEventListener("change", (event: MessageEvent<string>) => {
      const parsed = changeDetails.safeParse(JSON.parse(event.data));
      if (!parsed.success) {
        return;
      }
      setDetails(parsed.data);
      client.setQueryData(queryKeys.change(id), parsed.data);
      if (parsed.data.state === "waiting") {
        source.close();
      }
      if (!isMoving(parsed.data.state) && !rests) {
        rests = true;
        // Everything may look different now; the graph follows by its own stream.
        void client.invalidateQueries({
          predicate: (query) => query.queryKey[0] !== "graph" && query.queryKey[0] !== "change",
        });
      }
    });
    // Requests for proof are still sent after it is enforced: the portal ends the stream when it has their answers.
    source.addEventListener("error", () => {
      if (rests) {
        source.close();
      }
    });
    return () => source.close();
  }, [client, id]);

  return details;
}
