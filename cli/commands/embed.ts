/** `atelier embed` computes the embeddings of a project; `atelier similar` names the images that are most like one. */
import type { EmbeddingSource } from '#contract/embedding-source.ts';
import { AtelierError } from '#contract/errors.ts';
import { followJob } from '#contract/follow.ts';
import { backboneNames } from '#recipe/backbone-name.ts';
import { namedBackbone } from '../recipe.ts';
import { chooseRun } from '../choose.ts';
import { type Command, text } from '../command.ts';
import { count, jobProgress, table, usage } from '../output.ts';
import { openProject, type Session, withProject, withStudio } from '../session.ts';

const embedAbout = (by: EmbeddingSource, session: Session): Promise<string> =>
  by.kind === 'backbone'
    ? Promise.resolve(by.name)
    : session.client.runs.get({ runId: by.runId }).then(({ name }) => `run ${name} (${by.runId})`);

export const embedCommand: Command = {
  name: 'embed',
  words: 'PROJECT',
  about: 'compute the embeddings of all images',
  needsEngine: true,
  options: {
    by: {
      type: 'string',
      value: `${backboneNames.join('|')}|NAME|RUN`,
      about: 'a backbone (atelier backbones), or the id or name of a run (what suits the images if absent)',
    },
  },
  least: 1,
  most: 1,
  run: ({ words: [given = ''], values, output, signal }) =>
    withStudio(async (session) => {
      const { client } = session;
      await openProject(client, given);
      const wanted = text(values.by);
      const by = wanted === undefined ? undefined : await sourceOf(session, wanted);
      let stopping = false;
      let jobId: string | null = null;
      const release = signal.onInterrupt(() => {
        stopping = true;
        if (jobId !== null) void client.jobs.cancel({ jobId });
        output.note('Stopping. What was computed is kept; press Ctrl-C again to quit at once.');
      });
      try {
        await followJob(
          client,
          async () => {
            const job = await client.embeddings.start(by && { by });
            jobId = job.id;
            if (stopping) await client.jobs.cancel({ jobId });
            return job;
          },
          jobProgress(output, ({ id }) => id === jobId, 'Embedding', 'embedding.progress'),
        );
      } finally {
        release();
      }
      const embeddings = await client.embeddings.get();
      const { done, total } = embeddings;
      const skipped = total - done;
      output.line(
        `${count(done)} of ${count(total)} images have an embedding by ${await embedAbout(embeddings.by!, session)}.${
          skipped === 0 ? '' : ` ${count(skipped)} could not be read: re-scan the source to see why.`
        }`,
      );
      output.event('embedding.finished', { embeddings });
    }),
};

async function sourceOf({ client }: Session, given: string): Promise<EmbeddingSource> {
  const name = namedBackbone(given);
  if (name !== null) return { kind: 'backbone', name };
  return { kind: 'run', runId: (await chooseRun(client, given)).id };
}

export const similarCommand: Command = {
  name: 'similar',
  words: 'PROJECT ITEM',
  about: 'name the images that are most like one',
  needsEngine: true,
  options: {
    count: { type: 'string', value: 'N', about: 'how many (10 if absent)' },
  },
  least: 2,
  most: 2,
  run: ({ words: [given = '', item = ''], values, output }) => {
    const itemId = whole(item, 'ITEM as the number of an image', 1, Number.MAX_SAFE_INTEGER);
    const many = whole(text(values.count) ?? '10', '--count', 1, 1000);
    return withProject(given, async ({ client, project: { classes } }) => {
      const { state } = await client.embeddings.get();
      if (state === 'missing')
        throw new AtelierError(
          'NOT_FOUND',
          'Expected embeddings of this project, but none are computed yet. Compute them first: atelier embed PROJECT.',
        );
      const found = await client.embeddings.neighbours({ itemId, count: many });
      const nameOf = new Map(classes.map(({ id, name }) => [id, name]));
      output.lines(
        table([
          ['similarity', 'item', 'class', 'name'],
          ...found.map(({ item: { id, name, classId }, similarity }) => [
            similarity.toFixed(4),
            `${id}`,
            classId === null ? '–' : (nameOf.get(classId) ?? `${classId}`),
            name,
          ]),
        ]),
      );
      output.event('similar', { itemId, neighbours: found });
    });
  },
};

function whole(given: string, what: string, least: number, most: number): number {
  const number = Number(given);
  if (/^\d+$/.test(given) && number >= least && number <= most) return number;
  throw usage(
    `Expected ${what}, a whole number from ${least}${most === Number.MAX_SAFE_INTEGER ? '' : ` to ${most}`}, received ${JSON.stringify(given)}.`,
  );
}
