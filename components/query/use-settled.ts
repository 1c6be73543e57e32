"use client";

import { useEffect, useState } from "react";

/** Pause in typing after which something is asked, in ms. */
const settleMs = 250;

/** A value once it stopped changing for a moment; `key` tells one value from another. */
export function useSettled<T>(value: T, key: string): T {
  const [settled, setSettled] = useState({ key, value });
  useEffect(() => {
    const timer = setTimeout(() => setSettled({ key, value }), settleMs);
    return () => clearTimeout(timer);
  }, [key, value]);
  return settled.value;
}
