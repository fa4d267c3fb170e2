import { describe, expect, it, vi } from 'vitest';
import { dragType, ImageDrag } from './image-drag.svelte.ts';

const transfer = () => ({ setData: vi.fn(), effectAllowed: 'none' as DataTransfer['effectAllowed'] });

describe('images that are dragged', () => {
  it('are given the class that they are let go of over, once', () => {
    const drag = new ImageDrag();
    const give = vi.fn();
    const held = transfer();
    drag.begin(held, 3, give);
    expect(drag.count).toBe(3);
    expect(held.setData).toHaveBeenCalledWith(dragType, '3');
    drag.drop(7);
    drag.drop(8);
    expect(give.mock.calls).toEqual([[7]]);
    expect(drag.count).toBe(0);
  });

  it('are given none where the drag ends elsewhere', () => {
    const drag = new ImageDrag();
    const give = vi.fn();
    drag.begin(transfer(), 1, give);
    drag.end();
    drag.drop(7);
    expect(give).not.toHaveBeenCalled();
  });
});
