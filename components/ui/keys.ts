/** Whether the person is typing into a control, so that single-key commands must stay away. */
export function isTyping(event: KeyboardEvent): boolean {
  const target = event.target;
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable ||
      /^(input|textarea|select)$/i.test(target.tagName) ||
      target.getAttribute("role") === "combobox")
  );
}
