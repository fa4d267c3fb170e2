/** Task `colours`: how many of these images have colours, though grey ones may be stored as RGB. */
import { toNetworkInput } from '../../images/decode/decode.ts';
import { readItem } from '../../images/storage/originals.ts';
import type { TaskFunction } from '../protocol.ts';

const side = 32;
/** Levels between the channels of a pixel that compression of a grey picture does not make. */
const leastDifference = 16;
/** Of a picture's pixels. */
const leastShare = 0.02;

export const colours: TaskFunction<'colours'> = async ({ project, itemIds }) => {
  let looked = 0;
  let coloured = 0;
  for (const itemId of itemIds) {
    const pixels = await readItem(project, itemId)
      .then(({ picture, name }) =>
        toNetworkInput(picture, { height: side, width: side, channels: 3, fit: 'stretch' }, name),
      )
      .catch(() => null);
    if (!pixels) continue;
    looked += 1;
    let found = 0;
    for (let at = 0; at < pixels.length; at += 3) {
      const [red, green, blue] = [pixels[at]!, pixels[at + 1]!, pixels[at + 2]!];
      if (Math.max(red, green, blue) - Math.min(red, green, blue) >= leastDifference) found += 1;
    }
    if (found / (side * side) >= leastShare) coloured += 1;
  }
  return { looked, coloured };
};
