import { type RefObject, useEffect, useState } from "react";

/** Whether what an element holds does not fit into it, now and as it changes: then the keyboard must reach it too. */
export function useScrolls(frame: RefObject<HTMLElement | null>): boolean {
  const [scrolls, setScrolls] = useState(false);
  useEffect(() => {
    const element = frame.current;
    if (!element) {
      return;
    }
    const look = (): void => {
      const { overflowY } = getComputedStyle(element);
      setScrolls((overflowY === "auto" || overflowY === "scroll") && element.scrollHeight > element.clientHeight);
    };
    const sizes = new ResizeObserver(look);
    const contents = new MutationObserver(look);
    sizes.observe(element);
    contents.observe(element, { childList: true, subtree: true, characterData: true });
    return () => {
      sizes.disconnect();
      contents.disconnect();
    };
  }, [frame]);
  return scrolls;
}
