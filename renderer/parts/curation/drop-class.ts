/** Makes an element take images that are dragged from a grid: letting go gives them its class. */
import type { Attachment } from 'svelte/attachments';
import { drag } from '../../stores.ts';
import { dragType } from '../../state/image-drag.svelte.ts';

/** While images are held over it the element bears `data-over`, for its style. */
export const dropClass =
  (classId: number): Attachment<HTMLElement> =>
  (element) => {
    const holds = (event: DragEvent) => event.dataTransfer?.types.includes(dragType) ?? false;
    const leave = () => delete element.dataset['over'];
    const over = (event: DragEvent) => {
      if (!holds(event)) return;
      event.preventDefault();
      event.dataTransfer!.dropEffect = 'copy';
      element.dataset['over'] = '';
      // A drag that is given up leaves nothing.
      window.addEventListener('dragend', leave, { once: true });
    };
    const left = (event: DragEvent) => {
      if (!element.contains(event.relatedTarget as Node | null)) leave();
    };
    const dropped = (event: DragEvent) => {
      if (!holds(event)) return;
      event.preventDefault();
      leave();
      drag.drop(classId);
    };
    element.addEventListener('dragover', over);
    element.addEventListener('dragleave', left);
    element.addEventListener('drop', dropped);
    return () => {
      window.removeEventListener('dragend', leave);
      element.removeEventListener('dragover', over);
      element.removeEventListener('dragleave', left);
      element.removeEventListener('drop', dropped);
    };
  };
