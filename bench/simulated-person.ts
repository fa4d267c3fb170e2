/**
 * A person who knows the class of each image labels all of a folder from nothing, in the way that the window offers: names
 * classes, labels what is most useful, then looks at pages of suggestions, corrects the odd ones and accepts the rest.
 * Counted are keys and clicks: one for a class that is named, for a label, for a page that is accepted.
 */
import { followJob } from '#contract/follow.ts';
import type { Item } from '#contract/project.ts';
import type { StudioClient } from '#contract/rpc.ts';

/** Images that are looked at and accepted at once: as in the window (renderer/rooms/label/suggestions.svelte.ts), where no other number is asked for. */
const suggestionsPerPage = Number(process.env['BENCH_PAGE'] ?? 60);
/** The first are labelled one by one. */
const first = 12;
/** Of all images: then the person stops. */
const goal = 0.98;

/** As the folder says. */
const truth = ({ name }: Item): string => name.split('/')[0]!;

/** @param tell prints times in milliseconds */
export async function simulate(
  client: StudioClient,
  folder: string,
  path: string,
  tell: (what: string, values: readonly number[]) => void,
): Promise<void> {
  let start = performance.now();
  const lap = (what: string) => {
    console.log(`${what.padEnd(66)} ${((performance.now() - start) / 1000).toFixed(1)} s`);
    start = performance.now();
  };
  await client.project.create({ path });
  await followJob(client, () =>
    client.sources.import({ source: { kind: 'path', path: folder }, options: { layout: 'unlabelled' } }),
  );
  lap('Import, without classes');
  await followJob(client, () => client.embeddings.start());
  lap('Embeddings');
  const { left: total } = await client.suggestions.stats();

  const classIds = new Map<string, number>();
  const given = new Map<number, string>();
  const count = { named: 0, labelled: 0, corrected: 0, accepted: 0 };
  const latencies: number[] = [];
  let right = 0;
  const label = async (item: Item) => {
    const name = truth(item);
    let classId = classIds.get(name);
    if (classId === undefined) {
      classId = (await client.classes.add({ name })).id;
      classIds.set(name, classId);
      count.named += 1;
    }
    given.set(item.id, name);
    right += 1;
    return { itemIds: [item.id], classId };
  };
  const page = () => client.suggestions.list({ order: 'certain', offset: 0, limit: suggestionsPerPage });
  const timed = async (item: Item) => {
    const change = await label(item);
    const from = performance.now();
    await client.items.relabel(change);
    const shown = await page();
    latencies.push(performance.now() - from);
    return shown;
  };

  while (count.labelled < first) {
    const { suggestions } = await client.suggestions.list({ order: 'useful', offset: 0, limit: 1 });
    await timed(suggestions[0]!.item);
    count.labelled += 1;
  }
  const nameOf = () => new Map([...classIds].map(([name, id]) => [id, name]));
  let shown = await page();
  while (shown.suggestions.length > 0 && right < goal * total) {
    const names = nameOf();
    const wrong = shown.suggestions.filter(({ item, classId }) => names.get(classId!) !== truth(item));
    const good = shown.suggestions.length - wrong.length;
    // The last page: what is wrong in it may stay.
    const enough = shown.total === shown.suggestions.length && right + good >= goal * total;
    if (wrong.length > 0 && !enough) {
      shown = await timed(wrong[0]!.item);
      count.corrected += 1;
      continue;
    }
    await client.suggestions.accept({
      suggestions: shown.suggestions.map(({ item, classId }) => ({ itemId: item.id, classId: classId! })),
    });
    for (const { item, classId } of shown.suggestions) given.set(item.id, names.get(classId!)!);
    right += good;
    count.accepted += 1;
    shown = await page();
  }
  lap('Labelling');

  // What the project says in the end, not what was meant to be.
  const names = nameOf();
  let correct = 0;
  for (let offset = 0; offset < total; offset += 1000) {
    const { items } = await client.items.list({ filter: {}, offset, limit: 1000 });
    correct += items.filter(
      (item) => item.classId !== null && names.get(item.classId) === truth(item),
    ).length;
  }
  const { confirmed, right: suggestedRight } = await client.suggestions.stats();
  const actions = count.named + count.labelled + count.corrected + count.accepted;
  console.log(
    `${correct} of ${total} right (${((100 * correct) / total).toFixed(1)} %) after ${actions} actions: ` +
      `${count.named} classes named, ${count.labelled} labelled, ${count.corrected} corrected, ${count.accepted} pages of ${suggestionsPerPage} accepted`,
  );
  console.log(`Suggestions were right on ${suggestedRight} of ${confirmed}`);
  tell('a label, with its new page of suggestions', latencies);
  await client.project.close();
}
