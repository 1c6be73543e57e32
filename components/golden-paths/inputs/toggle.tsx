"use client";

interface ToggleProps {
  readonly title: string;
  /** What it means, one line. */
  readonly children?: string;
  readonly checked: boolean;
  readonly onChange: (checked: boolean) => void;
  readonly testId?: string;
}

/** Yes or no, with a line that says what yes means. */
export function Toggle({ title, children, checked, onChange, testId }: ToggleProps) {
  return (
    <label className="pick-row is-alone">
      <input
        type="checkbox"
        checked={checked}
        data-testid={testId}
        onChange={(event) => onChange(event.target.checked)}
      />
      <span>
        <span className="med">{title}</span>
        {children && <span className="cap is-block">{children}</span>}
      </span>
    </label>
  );
}
