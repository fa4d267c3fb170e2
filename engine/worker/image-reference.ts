/** What a task is asked about: an item of a project, or a file of this machine. */
export type ImageReference = { kind: 'item'; itemId: number } | { kind: 'file'; path: string; name: string };
