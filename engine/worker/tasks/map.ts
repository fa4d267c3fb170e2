/** Task `map`: draws the map of the embeddings that a project has, and puts it in its place once it is whole. */
import { mapLayout } from '#learning/embeddings/map-layout.ts';
import { originalsUpTo } from '../../images/storage/originals.ts';
import { writeMapFile } from '../../project/map-file.ts';
import { openSession, requireSession } from '../embedding-session.ts';
import type { TaskFunction } from '../protocol.ts';

const seed = 1;
const units = { comparing: 'images compared', 'laying out': 'epochs', placing: 'images placed' } as const;

export const map: TaskFunction<'map'> = async ({ file, mapId, by, ...input }, { emit, signal }) => {
  await openSession(input);
  const { suggester, rows } = requireSession();
  const { coordinates, laidOut } = await mapLayout(
    suggester.table,
    seed,
    (step, done, total) => emit({ kind: 'step', done, total, unit: units[step] }),
    signal,
  );
  const ids = originalsUpTo(input.project, input.lastItemId).map(({ id }) => id);
  // In the order of their ids, whatever the order in which they came into memory.
  const places = Array.from(rows.keys()).sort((a, b) => rows[a]! - rows[b]!);
  await writeMapFile(file, {
    map: { id: mapId, by, computedAt: new Date().toISOString(), points: places.length, laidOut },
    itemIds: Int32Array.from(places, (place) => ids[rows[place]!]!),
    coordinates: Float32Array.from(
      places.flatMap((place) => [...coordinates.subarray(2 * place, 2 * place + 2)]),
    ),
  });
  return { points: places.length };
};
