/**
 * Keys that belong to a widget that has the focus, and do what that widget is for: no commands, as they mean nothing
 * elsewhere. The widgets ask `hits` with a row of this table; the list of keyboard shortcuts shows it.
 */
import type { Shortcut } from '#contract/menu.ts';
import { matches, type Stroke } from './shortcut.ts';

export interface WidgetKey {
  does: string;
  shortcuts: readonly Shortcut[];
}

export const widgetKeys = {
  'Grid of images, confusion matrix': {
    move: { does: 'Move', shortcuts: ['ArrowLeft', 'ArrowRight', 'ArrowUp', 'ArrowDown'] },
    page: { does: 'Move a page', shortcuts: ['PageUp', 'PageDown'] },
    ends: { does: 'Move to an end', shortcuts: ['Home', 'End'] },
    open: { does: 'Open', shortcuts: ['Enter'] },
    toggle: { does: 'Select', shortcuts: ['Space'] },
    extend: {
      does: 'Select more',
      shortcuts: ['Shift+ArrowLeft', 'Shift+ArrowRight', 'Shift+ArrowUp', 'Shift+ArrowDown'],
    },
  },
  'Large confusion matrix': {
    zoomIn: { does: 'Zoom in', shortcuts: ['+', '='] },
    zoomOut: { does: 'Zoom out', shortcuts: ['-'] },
    whole: { does: 'Show the whole matrix', shortcuts: ['0'] },
  },
  'Map of embeddings': {
    left: { does: 'Move left', shortcuts: ['ArrowLeft'] },
    right: { does: 'Move right', shortcuts: ['ArrowRight'] },
    up: { does: 'Move up', shortcuts: ['ArrowUp'] },
    down: { does: 'Move down', shortcuts: ['ArrowDown'] },
    zoomIn: { does: 'Zoom in', shortcuts: ['+', '='] },
    zoomOut: { does: 'Zoom out', shortcuts: ['-'] },
    whole: { does: 'Show the whole map', shortcuts: ['0'] },
    filter: { does: 'List the images in view', shortcuts: ['Enter'] },
    clear: { does: 'List all images again', shortcuts: ['Escape'] },
  },
  Curves: {
    zoomIn: { does: 'Zoom in', shortcuts: ['+', '='] },
    zoomOut: { does: 'Zoom out', shortcuts: ['-'] },
    whole: { does: 'Show all epochs', shortcuts: ['0'] },
    earlier: { does: 'Move to earlier epochs', shortcuts: ['ArrowLeft'] },
    later: { does: 'Move to later epochs', shortcuts: ['ArrowRight'] },
  },
  'Lists of layers and augmentations': {
    up: { does: 'Move the row up', shortcuts: ['Alt+ArrowUp'] },
    down: { does: 'Move the row down', shortcuts: ['Alt+ArrowDown'] },
  },
  Dialogs: {
    close: { does: 'Close', shortcuts: ['Escape'] },
    save: { does: 'Save a note', shortcuts: ['Mod+Enter'] },
    next: { does: 'Next layer', shortcuts: ['ArrowRight'] },
    previous: { does: 'Previous layer', shortcuts: ['ArrowLeft'] },
  },
} as const satisfies Record<string, Record<string, WidgetKey>>;

/** Whether this key is one of a row of the table. */
export const hits = ({ shortcuts }: WidgetKey, stroke: Stroke): boolean =>
  shortcuts.some((shortcut) => matches(shortcut, stroke));
