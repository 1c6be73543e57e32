"use client";

import { type CSSProperties, type ReactNode, useEffect, useRef, useState } from "react";
import { classNames } from "./class-names.ts";

interface ScrollXProps {
  /** What it holds, for those who reach it by keyboard. */
  readonly label: string;
  readonly className?: string;
  readonly style?: CSSProperties;
  readonly children: ReactNode;
}

/** Holds a wide table: scrolls by itself where it does not fit, and then the keyboard can reach it too. */
export function ScrollX({ label, className, style, children }: ScrollXProps) {
  const frame = useRef<HTMLElement>(null);
  const [scrolls, setScrolls] = useState(false);
  useEffect(() => {
    const element = frame.current;
    if (!element) {
      return;
    }
    const observer = new ResizeObserver(() =>
      setScrolls(element.scrollWidth > element.clientWidth || element.scrollHeight > element.clientHeight),
    );
    observer.observe(element);
    for (const child of element.children) {
      observer.observe(child);
    }
    return () => observer.disconnect();
  }, []);
  return (
    <section
      ref={frame}
      className={classNames("scroll-x", className)}
      style={style}
      {...(scrolls && { tabIndex: 0, "aria-label": label })}
    >
      {children}
    </section>
  );
}
