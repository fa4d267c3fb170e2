/** For a control that goes away when it is used: the focus goes to what stays there, not back to the top of the window. */
const controls = 'input, select, textarea, button';

/**
 * Gives the focus to the first control within `place` that is not `leaving`, else to `place` itself; does nothing where
 * `leaving` had no focus to give.
 */
export function passFocus(leaving: Element, place: HTMLElement | null): void {
  if (!place || leaving !== document.activeElement) return;
  const next = [...place.querySelectorAll<HTMLElement>(controls)].find((control) => control !== leaving);
  (next ?? place).focus();
}
