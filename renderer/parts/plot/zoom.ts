/**
 * Zooming a drawing by hand: Ctrl and wheel (the wheel alone once it has the focus, so that a page still scrolls over
 * it), drag to choose a part, two fingers, double click for all; keys as widget-keys.ts has them. What a window is, is left
 * to points.ts.
 */
import type { Attachment } from 'svelte/attachments';
import { hits, widgetKeys } from '../../commands/widget-keys.ts';
import { between, panned, type Window, zoomed } from './points.ts';

interface Zoomable {
  window(): Window;
  whole(): Window;
  /** Left and right edge of what shows the window, in pixels of the element. */
  area(): { left: number; right: number };
  /** null: the whole. */
  show(window: Window | null): void;
  /** The part that is being drawn with the pointer, in pixels of the element. */
  band(band: { left: number; right: number } | null): void;
}

export const zooming =
  (on: Zoomable): Attachment<HTMLElement> =>
  (element) => {
    element.tabIndex = 0;
    const pointers = new Map<number, number>();
    let start: number | null = null;
    let pinch: { window: Window; apart: number; at: number } | null = null;

    const placeOf = (event: MouseEvent) => event.clientX - element.getBoundingClientRect().left;
    const epochAt = (pixel: number, window = on.window()) => {
      const { left, right } = on.area();
      return window.from + ((pixel - left) / Math.max(1, right - left)) * (window.to - window.from);
    };
    const clamped = (pixel: number) => Math.min(on.area().right, Math.max(on.area().left, pixel));
    const zoom = (factor: number, at: number) => on.show(zoomed(on.window(), on.whole(), at, factor));
    const middle = () => (on.window().from + on.window().to) / 2;

    function wheeled(event: WheelEvent): void {
      if (!event.ctrlKey && document.activeElement !== element) return;
      event.preventDefault();
      if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
        const by = (event.deltaX || event.deltaY) / Math.max(1, element.clientWidth);
        on.show(panned(on.window(), on.whole(), by));
      } else zoom(Math.exp(event.deltaY / 300), epochAt(clamped(placeOf(event))));
    }

    function pressed(event: PointerEvent): void {
      if (event.button !== 0) return;
      element.focus({ preventScroll: true });
      element.setPointerCapture(event.pointerId);
      pointers.set(event.pointerId, placeOf(event));
      start = pointers.size === 1 ? placeOf(event) : null;
      on.band(null);
      if (pointers.size === 2) {
        const [a, b] = [...pointers.values()] as [number, number];
        pinch = { window: on.window(), apart: Math.max(8, Math.abs(a - b)), at: epochAt((a + b) / 2) };
      }
    }
    function moved(event: PointerEvent): void {
      if (!pointers.has(event.pointerId)) return;
      pointers.set(event.pointerId, placeOf(event));
      if (pinch && pointers.size === 2) {
        const [a, b] = [...pointers.values()] as [number, number];
        on.show(zoomed(pinch.window, on.whole(), pinch.at, pinch.apart / Math.max(8, Math.abs(a - b))));
      } else if (start !== null && Math.abs(placeOf(event) - start) > 3) {
        const [a, b] = [clamped(start), clamped(placeOf(event))];
        on.band({ left: Math.min(a, b), right: Math.max(a, b) });
      }
    }
    function released(event: PointerEvent): void {
      if (!pointers.delete(event.pointerId)) return;
      const end = placeOf(event);
      if (start !== null && event.type === 'pointerup' && Math.abs(end - start) > 3) {
        const window = between(epochAt(clamped(start)), epochAt(clamped(end)), on.whole());
        if (window) on.show(window);
      }
      start = null;
      pinch = null;
      on.band(null);
    }

    const acts: Record<keyof typeof widgetKeys.Curves, () => void> = {
      zoomIn: () => zoom(1 / 1.5, middle()),
      zoomOut: () => zoom(1.5, middle()),
      whole: () => on.show(null),
      earlier: () => on.show(panned(on.window(), on.whole(), -0.2)),
      later: () => on.show(panned(on.window(), on.whole(), 0.2)),
    };
    function keyed(event: KeyboardEvent): void {
      for (const [name, key] of Object.entries(widgetKeys.Curves)) {
        if (!hits(key, event)) continue;
        event.preventDefault();
        event.stopPropagation();
        return acts[name as keyof typeof acts]();
      }
    }

    const whole = () => on.show(null);
    const listening = new AbortController();
    const { signal } = listening;
    element.addEventListener('wheel', wheeled, { passive: false, signal });
    element.addEventListener('pointerdown', pressed, { signal });
    element.addEventListener('pointermove', moved, { signal });
    for (const end of ['pointerup', 'pointercancel'] as const)
      element.addEventListener(end, released, { signal });
    element.addEventListener('dblclick', whole, { signal });
    element.addEventListener('keydown', keyed, { signal });
    return () => listening.abort();
  };
