/**
 * Where a key was pressed, and so which shortcuts count: none where keys are text, a menu or a dialog has its own.
 * An element names its place in `data-keys`; all within it are of that place.
 */

/**
 * - `room`: anywhere in the window but in a text, a menu and a dialog
 * - `nothing`: no element has the focus
 * - `images`, `suggestions`: a grid of images, a page of suggestions
 * - `large`: the dialog that shows one image large
 * - `recipe`: the form of the recipe, also in a text box whose text is not being changed
 */
export type Place = 'room' | 'nothing' | 'images' | 'suggestions' | 'large' | 'recipe';

/** True where keys are text: nothing may be taken from there. */
function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (
    target.isContentEditable ||
    target instanceof HTMLTextAreaElement ||
    target instanceof HTMLSelectElement
  )
    return true;
  return (
    target instanceof HTMLInputElement && !['checkbox', 'radio', 'range', 'button'].includes(target.type)
  );
}

/** The places that a pressed key is in. */
export function placesOf(target: EventTarget | null): Place[] {
  const around = target instanceof Element ? target.closest<HTMLElement>('[data-keys]') : null;
  const named = (around?.dataset.keys ?? null) as Place | null;
  // A dialog that is being closed stays for a moment, and may be given the focus back: what is in it is no text any more.
  const isLeft = target instanceof Element && target.closest('.atelier-dialog[data-state="closed"]') !== null;
  if (isTyping(target) && !isLeft) return named === 'recipe' ? ['recipe'] : [];
  if (document.querySelector('.atelier-dialog[data-state="open"], .atelier-menu[data-state="open"]'))
    return named === 'large' ? ['large'] : [];
  return ['room', ...(named ? [named] : []), ...(target === document.body ? (['nothing'] as const) : [])];
}
