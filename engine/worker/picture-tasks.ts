/** The tasks that make pictures to look at, as protocol.ts has them. */

/** An item of a project, or a file of this machine. */
export type ImageReference = { kind: 'item'; itemId: number } | { kind: 'file'; path: string; name: string };

export interface PictureTasks {
  /** Re-encodes an image for looking at it large. */
  full: {
    input: { project: string; image: ImageReference; path: string };
    event: never;
    result: Record<string, never>;
  };
  /** Thumbnails in rows under a line of words each, as PNG. */
  'sample-sheet': {
    input: { project: string; rows: { name: string; total: number; itemIds: number[] }[]; path: string };
    event: never;
    result: Record<string, never>;
  };
}
