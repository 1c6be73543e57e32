"use client";

import { type RefObject, useLayoutEffect, useRef, useState } from "react";

/** Width of an element in pixels, so that drawings keep the size of their letters; `initial` before it is measured. */
export function useWidth<E extends Element>(initial: number): [RefObject<E | null>, number] {
  const element = useRef<E>(null);
  const [width, setWidth] = useState(initial);
  useLayoutEffect(() => {
    const target = element.current;
    if (!target) {
      return;
    }
    const measure = () => setWidth(Math.max(160, Math.round(target.getBoundingClientRect().width)));
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(target);
    return () => observer.disconnect();
  }, []);
  return [element, width];
}
