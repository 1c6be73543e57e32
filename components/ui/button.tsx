import type { LucideIcon } from "lucide-react";
import type { ButtonHTMLAttributes, ComponentProps, ReactNode } from "react";
import { AppLink } from "./app-link.tsx";
import { classNames } from "./class-names.ts";

type Look = "primary" | "danger" | "danger-solid" | "ghost" | "plain";
type Size = "s" | "m" | "l";

interface Shared {
  readonly look?: Look;
  readonly size?: Size;
  readonly icon?: LucideIcon;
  /** Key hint shown at the end, such as `⌘ ↵`. */
  readonly hint?: string;
  readonly children?: ReactNode;
}

function className({ look = "plain", size = "m" }: Shared, iconOnly: boolean): string {
  return classNames("btn", look !== "plain" && `is-${look}`, size !== "m" && `is-${size}`, iconOnly && "is-icon");
}

function Content({ icon: Icon, children, hint }: Shared) {
  return (
    <>
      {Icon && <Icon className="ic ic-14" aria-hidden="true" />}
      {children}
      {hint && <span className="kbd">{hint}</span>}
    </>
  );
}

interface ButtonProps extends Shared, Omit<ButtonHTMLAttributes<HTMLButtonElement>, keyof Shared> {
  /** Shows a spinner in place of the icon and says so to assistive technology; the label should say what it does. */
  readonly busy?: boolean;
}

/** A button. One primary per view, and its label names the effect. */
export function Button({ look, size, icon, hint, busy = false, children, type = "button", ...rest }: ButtonProps) {
  const shared: Shared = { ...(look && { look }), ...(size && { size }) };
  return (
    <button
      type={type}
      aria-busy={busy || undefined}
      {...rest}
      className={classNames(className(shared, false), rest.className)}
    >
      {busy ? <span className="spin" aria-hidden="true" /> : null}
      <Content {...(icon && !busy && { icon })} {...(hint && { hint })}>
        {children}
      </Content>
    </button>
  );
}

interface IconButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  readonly icon: LucideIcon;
  /** Names the action; also the tip on hover. */
  readonly label: string;
  readonly look?: Look;
  readonly size?: Size;
}

/** A button that shows a glyph only; its label is read out and shown on hover. */
export function IconButton({
  icon: Icon,
  label,
  look = "ghost",
  size = "m",
  type = "button",
  ...rest
}: IconButtonProps) {
  return (
    <button
      type={type}
      title={label}
      aria-label={label}
      {...rest}
      className={classNames(className({ look, size }, true), rest.className)}
    >
      <Icon className="ic ic-14" aria-hidden="true" />
    </button>
  );
}

type LinkButtonProps = Shared & Omit<ComponentProps<typeof AppLink>, keyof Shared>;

/** A link that looks like a button, for going somewhere. */
export function LinkButton({ look, size, icon, hint, children, href, ...rest }: LinkButtonProps) {
  const shared: Shared = { ...(look && { look }), ...(size && { size }) };
  return (
    <AppLink href={href} {...rest} className={classNames(className(shared, false), rest.className)}>
      <Content {...(icon && { icon })} {...(hint && { hint })}>
        {children}
      </Content>
    </AppLink>
  );
}
