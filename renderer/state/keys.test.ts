import { describe, expect, it } from 'vitest';
import { classKey, globalKey, moveInGrid } from './keys.ts';

const stroke = (key: string, more: Partial<KeyboardEvent> = {}) => ({
  key,
  code: /^\d$/.test(key) ? `Digit${key}` : '',
  repeat: false,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  shiftKey: false,
  ...more,
});

describe('keys that work everywhere', () => {
  it('go to rooms with Ctrl or Alt, not with both (that is AltGr) and not alone', () => {
    expect(globalKey(stroke('3', { ctrlKey: true }))).toEqual({ kind: 'room', room: 'train' });
    expect(globalKey(stroke('1', { altKey: true }))).toEqual({ kind: 'room', room: 'data' });
    expect(globalKey(stroke('3', { altKey: true, ctrlKey: true }))).toBeNull();
    expect(globalKey(stroke('3'))).toBeNull();
    expect(globalKey(stroke('6', { ctrlKey: true }))).toBeNull();
  });

  it('undo and redo, also with capitals on', () => {
    expect(globalKey(stroke('z', { ctrlKey: true }))).toEqual({ kind: 'undo' });
    expect(globalKey(stroke('Z', { metaKey: true, shiftKey: true }))).toEqual({ kind: 'redo' });
    expect(globalKey(stroke('y', { ctrlKey: true }))).toEqual({ kind: 'redo' });
    expect(globalKey(stroke('z'))).toBeNull();
  });

  it('give a class only when bare', () => {
    expect(classKey(stroke('A'))).toBe('a');
    expect(classKey(stroke('7'))).toBe('7');
    expect(classKey(stroke('a', { ctrlKey: true }))).toBeNull();
    expect(classKey(stroke('Enter'))).toBeNull();
    expect(classKey(stroke(' '))).toBeNull();
    expect(classKey(stroke('a', { repeat: true }))).toBeNull();
  });
});

describe('the cursor of a grid', () => {
  // 0 1 2 3
  // 4 5 6 7
  // 8 9
  const grid = { count: 10, columns: 4, page: 2 };
  it.each([
    ['ArrowRight', 3, 4],
    ['ArrowLeft', 0, 0],
    ['ArrowRight', 9, 9],
    ['ArrowUp', 2, 2],
    ['ArrowUp', 6, 2],
    ['ArrowDown', 5, 9],
    ['ArrowDown', 7, 9],
    ['ArrowDown', 8, 8],
    ['PageDown', 1, 9],
    ['PageUp', 9, 1],
    ['End', 0, 9],
    ['Home', 9, 0],
  ])('%s from %i goes to %i', (key, from, to) => expect(moveInGrid(key, from, grid)).toBe(to));

  it('does not move for other keys or in an empty grid', () => {
    expect(moveInGrid('Enter', 1, grid)).toBeNull();
    expect(moveInGrid('Home', 0, { ...grid, count: 0 })).toBeNull();
  });
});
