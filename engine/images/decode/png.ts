/** PNG: 16-bit values by what counts of them, alpha, and animation. */
import type { Metadata } from 'sharp';
import { pngChunks } from './marks.ts';
import { firstFrame, gathered, ordinary, type Plan, untouchedSamples, withAlpha } from './plan.ts';

export function planPng(bytes: Uint8Array, metadata: Metadata): Plan {
  const { animated, significant } = pngChunks(bytes);
  const notices = animated ? [firstFrame] : [];
  if (metadata.depth !== 'ushort')
    return (metadata.hasAlpha ? withAlpha : ordinary)(bytes, metadata, notices);
  const decode = async () => ({
    ...(await untouchedSamples(bytes, metadata)),
    ...(significant === undefined ? {} : { significant }),
  });
  return gathered(metadata.autoOrient, metadata.channels * 4, decode, {
    before: notices,
    profile: metadata.icc,
  });
}
