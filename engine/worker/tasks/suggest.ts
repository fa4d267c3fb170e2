/** Tasks on the embeddings that a worker holds in memory: opening them, neighbours of an image, suggestions of classes. */
import { type Order, unlabelled } from '#learning/embeddings/suggester.ts';
import { openSession, placeOfRow, requireSession } from '../embedding-session.ts';
import type { TaskFunction } from '../protocol.ts';

export const embeddingOpen: TaskFunction<'embedding-open'> = (input) => openSession(input);

export const neighbours: TaskFunction<'neighbours'> = async ({ row, count }) => {
  const session = requireSession();
  const found = await session.suggester.neighbours(placeOfRow(session, row), count);
  return found.map(({ place, similarity }) => ({ row: session.rows[place]!, similarity }));
};

export const learnLabels: TaskFunction<'learn-labels'> = async ({ anew, rows, classIds }) => {
  const { suggester, rows: rowOf, places } = requireSession();
  if (anew)
    suggester.label(
      rowOf.map((_, place) => place),
      rowOf.map(() => unlabelled),
    );
  const known: number[] = [];
  const labels: number[] = [];
  rows.forEach((row, index) => {
    const place = places.get(row);
    if (place === undefined) return;
    known.push(place);
    labels.push(classIds[index]!);
  });
  const outcomes = suggester.label(known, labels);
  await suggester.learn();
  return {
    ready: suggester.ready,
    labelled: suggester.labelled,
    suggested: [...suggester.counts()].map(([classId, count]) => ({ classId, count })),
    outcomes: anew ? [] : outcomes.map(({ place, right }) => ({ row: rowOf[place]!, right })),
  };
};

export const suggest: TaskFunction<'suggest'> = async ({ order, classId, row, offset, limit }) => {
  const session = requireSession();
  const asked: Order = order === 'similar' ? { similarTo: placeOfRow(session, row!) } : order;
  const { total, suggestions } = await session.suggester.list(asked, classId, offset, limit);
  return {
    total,
    suggestions: suggestions.map(({ place, ...suggestion }) => ({
      row: session.rows[place]!,
      ...suggestion,
    })),
  };
};
