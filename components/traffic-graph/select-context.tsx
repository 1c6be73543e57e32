"use client";

import { createContext, use } from "react";
import type { Selection } from "./to-flow.ts";

/** How parts of the picture say that they were chosen. */
const SelectContext = createContext<(selection: Selection) => void>(() => undefined);

export const SelectProvider = SelectContext;
export const useSelect = (): ((selection: Selection) => void) => use(SelectContext);
