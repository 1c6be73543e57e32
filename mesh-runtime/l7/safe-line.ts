const visible = /^[\x21-\x7e]*$/;

/** Whether a target or authority can stand in a request line: visible ASCII alone. */
export const isSafeLine = (text: string): boolean => visible.test(text);
