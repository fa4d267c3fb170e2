/**
 * A shortcut as text, such as `Mod+Shift+Z`, `Alt+1`, `Delete` or `?`: whether a pressed key is it, and how it is written.
 * Mod is Ctrl, or ⌘ on macOS. Pure; where a shortcut counts is left to place.ts.
 */
import type { Shortcut } from '#contract/menu.ts';

export type Stroke = Pick<
  KeyboardEvent,
  'key' | 'code' | 'repeat' | 'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey'
>;

interface Parts {
  key: string;
  mod: boolean;
  alt: boolean;
  shift: boolean;
}

function partsOf(shortcut: Shortcut): Parts {
  // The key itself may be "+".
  const [, modifiers = '', key = ''] = /^(?:(.*)\+)?(.+)$/.exec(shortcut) ?? [];
  const has = (name: string) => modifiers.split('+').includes(name);
  return { key, mod: has('Mod'), alt: has('Alt'), shift: has('Shift') };
}

/** Where a sign stands on the keyboard, and whether it takes Shift, differs; the sign itself is what is meant. */
const isSign = (key: string): boolean => key.length === 1 && !/[a-z0-9 ]/i.test(key);

/** Whether this key is the shortcut. Digits with a modifier are keys of the keyboard, whatever sign they give. */
export function matches(shortcut: Shortcut, stroke: Stroke): boolean {
  const { key, mod, alt, shift } = partsOf(shortcut);
  if ((stroke.ctrlKey || stroke.metaKey) !== mod || stroke.altKey !== alt) return false;
  if (!isSign(key) && stroke.shiftKey !== shift) return false;
  if ((mod || alt) && /^\d$/.test(key)) return stroke.code === `Digit${key}`;
  return stroke.key.toLowerCase() === (key === 'Space' ? ' ' : key.toLowerCase());
}

const signs: Record<string, string> = {
  ArrowLeft: '←',
  ArrowRight: '→',
  ArrowUp: '↑',
  ArrowDown: '↓',
  PageUp: 'Page Up',
  PageDown: 'Page Down',
  Escape: 'Esc',
  Delete: 'Del',
};
const named = (key: string) => signs[key] ?? (key.length === 1 ? key.toUpperCase() : key);

/** As it is written beside a command: `Ctrl+Shift+Z`, on macOS `⇧⌘Z`. */
export function written(shortcut: Shortcut, mac = isMac): string {
  const { key, mod, alt, shift } = partsOf(shortcut);
  return mac
    ? `${alt ? '⌥' : ''}${shift ? '⇧' : ''}${mod ? '⌘' : ''}${named(key)}`
    : `${mod ? 'Ctrl+' : ''}${alt ? 'Alt+' : ''}${shift ? 'Shift+' : ''}${named(key)}`;
}

/** For `aria-keyshortcuts`; undefined where there is none. */
export function spoken(shortcuts: readonly Shortcut[] | undefined, mac = isMac): string | undefined {
  return shortcuts?.map((one) => one.replace('Mod+', mac ? 'Meta+' : 'Control+')).join(' ');
}

const isMac = typeof navigator !== 'undefined' && /^Mac/.test(navigator.platform ?? '');
