/** What is seen under the pointer while images are dragged: up to three of them in a pile, and how many they are. */
import type { Bitmap } from '../../pictures/bitmap.ts';
import { type Picture, sizeOf } from '../../pictures/pictures.ts';

const side = 64;
const step = 6;
const margin = 12;

/**
 * Makes it what the drag shows. It must be drawn at once: pictures that are not in memory are left blank.
 * @param pictures of the first images, the one that was taken hold of first
 */
export function showDragged(
  transfer: Pick<DataTransfer, 'setDragImage'>,
  pictures: readonly (Picture | undefined)[],
  count: number,
): void {
  const ratio = window.devicePixelRatio;
  const pile = pictures.slice(0, 3);
  const size = side + (pile.length - 1) * step + 2 * margin;
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = size * ratio;
  // Chrome takes only what is part of the page; nobody sees it there.
  canvas.style.cssText = `position: fixed; top: 0; left: -1000px; width: ${size}px; height: ${size}px`;
  document.body.append(canvas);
  const context = canvas.getContext('2d')!;
  const style = getComputedStyle(document.documentElement);
  const colour = (name: string) => style.getPropertyValue(name);
  context.scale(ratio, ratio);
  for (let at = pile.length - 1; at >= 0; at -= 1) {
    const place = margin + at * step;
    context.fillStyle = colour('--mat');
    context.fillRect(place, place, side, side);
    const picture = pile[at];
    if (picture && picture !== 'broken') drawWhole(context, picture, place);
    context.strokeStyle = colour('--surface');
    context.lineWidth = 2;
    context.strokeRect(place, place, side, side);
  }
  drawCount(context, String(count), {
    ground: colour('--accent'),
    ink: colour('--accent-ink'),
    font: colour('--font'),
  });
  transfer.setDragImage(canvas, margin + side / 2, margin + side / 2);
  // The browser has taken its picture once the event is over.
  setTimeout(() => canvas.remove());
}

function drawWhole(context: CanvasRenderingContext2D, picture: Bitmap, place: number): void {
  const own = sizeOf(picture);
  const scale = side / Math.max(own.width, own.height);
  const [width, height] = [own.width * scale, own.height * scale];
  context.imageSmoothingEnabled = scale < 1;
  context.drawImage(picture, place + (side - width) / 2, place + (side - height) / 2, width, height);
}

function drawCount(
  context: CanvasRenderingContext2D,
  text: string,
  { ground, ink, font }: { ground: string; ink: string; font: string },
): void {
  context.font = `600 12px ${font}`;
  const width = Math.max(24, context.measureText(text).width + 14);
  const left = margin - 8;
  context.fillStyle = ground;
  context.beginPath();
  context.roundRect(left, margin - 10, width, 24, 12);
  context.fill();
  context.fillStyle = ink;
  context.textAlign = 'center';
  context.textBaseline = 'middle';
  context.fillText(text, left + width / 2, margin + 2.5);
}
