/** The choice of colours: the system's, or a person's own, which is kept in a cookie so that no page flashes. */
export type ThemeChoice = "system" | "light" | "dark";

export const themeCookie = "towpath-theme";
export const navCookie = "towpath-nav";

const yearSeconds = 365 * 24 * 3600;

/** Keeps a choice for a year. These cookies carry no secret and are read by the server to render the first frame. */
export function keepChoice(name: string, value: string): void {
  // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is missing in Firefox and Safari
  document.cookie = `${name}=${value}; path=/; max-age=${yearSeconds}; samesite=lax`;
}

/** Applies and keeps a choice of colours. */
export function applyTheme(choice: ThemeChoice): void {
  const dark = choice === "dark" || (choice === "system" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.dataset["theme"] = dark ? "dark" : "light";
  document.documentElement.dataset["themeChoice"] = choice;
  keepChoice(themeCookie, choice);
}

/** The choice in force. */
export function themeChoice(): ThemeChoice {
  const choice = document.documentElement.dataset["themeChoice"];
  return choice === "light" || choice === "dark" ? choice : "system";
}

/** Follows the system while that is the choice; returns how to stop. */
export function followSystemTheme(): () => void {
  const query = matchMedia("(prefers-color-scheme: dark)");
  const follow = () => {
    if (themeChoice() === "system") {
      document.documentElement.dataset["theme"] = query.matches ? "dark" : "light";
    }
  };
  query.addEventListener("change", follow);
  return () => query.removeEventListener("change", follow);
}

/** Runs before the first paint when no choice is kept: the server cannot know what the system prefers. */
export const systemThemeScript =
  'var d=document.documentElement;if(d.dataset.themeChoice==="system")d.dataset.theme=matchMedia("(prefers-color-scheme: dark)").matches?"dark":"light"';
