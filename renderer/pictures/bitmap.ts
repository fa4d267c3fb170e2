/** Pictures as the window holds them. */

/** What a canvas draws; a frame as it is decoded, where making a bitmap of it takes longer than drawing it. */
export type Bitmap = ImageBitmap | VideoFrame;

/** A picture in the window's memory, `broken` where its bytes are none, `later` where it has to be asked for again. */
export type Decoded = Bitmap | 'broken' | 'none' | 'later';
