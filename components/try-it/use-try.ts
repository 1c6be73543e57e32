"use client";

import { useCallback, useEffect, useRef, useState } from "react";
import type { TryEvent, TryRequest } from "@/server/contracts/try-it.ts";
import { runTry } from "./run-try.ts";

type Start = Extract<TryEvent, { type: "start" }>;
export type Answer = Extract<TryEvent, { type: "answer" }>;
export type End = Extract<TryEvent, { type: "end" }>;

export interface TryRun {
  readonly request: TryRequest;
  readonly start: Start | null;
  readonly answers: readonly Answer[];
  readonly end: End | null;
  readonly error: unknown;
  readonly running: boolean;
}

/** How often answers that stream in are drawn, in ms. */
const drawEveryMs = 80;

/** One run at a time; starting another stops the first. */
export function useTry() {
  const [run, setRun] = useState<TryRun | null>(null);
  const abort = useRef<AbortController | null>(null);
  useEffect(() => () => abort.current?.abort(), []);

  const send = useCallback(async (request: TryRequest) => {
    abort.current?.abort();
    const controller = new AbortController();
    abort.current = controller;
    let current: TryRun = { request, start: null, answers: [], end: null, error: null, running: true };
    setRun(current);
    let timer: ReturnType<typeof setTimeout> | undefined;
    const draw = () => {
      timer ??= setTimeout(() => {
        timer = undefined;
        setRun(current);
      }, drawEveryMs);
    };
    try {
      await runTry(
        request,
        (event) => {
          if (event.type === "start") {
            current = { ...current, start: event };
          } else if (event.type === "answer") {
            current = { ...current, answers: [...current.answers, event] };
          } else {
            current = { ...current, end: event };
          }
          draw();
        },
        controller.signal,
      );
      current = { ...current, running: false };
    } catch (error) {
      current = { ...current, running: false, error: controller.signal.aborted ? null : error };
    }
    clearTimeout(timer);
    if (abort.current === controller) {
      setRun(current);
    }
  }, []);

  return { run, send, stop: () => abort.current?.abort() };
}
