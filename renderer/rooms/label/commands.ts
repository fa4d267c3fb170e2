/** The commands of the Label room. */
import Plus from '@lucide/svelte/icons/plus';
import Sparkles from '@lucide/svelte/icons/sparkles';
import { evaluations, labels, runs, studio } from '../../stores.ts';
import type { Command } from '../../commands/command.ts';
import { counted } from '../../format.ts';
import { ImageCommands } from '../../parts/curation/image-commands.ts';
import { disagreements, type Queue, defaultQueues } from './queues.ts';
import { browser, newClassBox, suggestions } from './stores.ts';

export const images = new ImageCommands({ room: 'label', browser, within: 'room', page: suggestions });

/** The image that a label is for: that of the page of suggestions, where one is shown. */
export const atHand = () => (suggestions.open ? suggestions.current?.item : browser.current);

const isPage = () => suggestions.open || 'Show suggestions first';

const removeLabel: Command = {
  id: 'label.remove-label',
  label: 'Remove the label',
  aliases: 'unlabel clear class',
  shortcuts: ['Backspace'],
  when: () =>
    suggestions.open
      ? 'Show the list of images first'
      : browser.current !== undefined || 'There is no image here',
  run: () => labels.give(browser, null),
};
const addClass: Command = {
  id: 'label.new-class',
  label: 'Add a class',
  icon: Plus,
  aliases: 'new category',
  shortcuts: ['+'],
  run: () => newClassBox.current?.focus(),
};
export const showSimilar: Command = {
  id: 'label.similar',
  label: 'Show similar images',
  short: 'Similar images',
  aliases: 'like this nearest neighbours',
  when: () => atHand() !== undefined || 'There is no image here',
  run: () => suggestions.showLike(atHand()!.id),
};
export const computeEmbeddings: Command = {
  id: 'label.compute-embeddings',
  label: 'Compute embeddings',
  icon: Sparkles,
  aliases: 'features vectors suggestions',
  when: () => {
    if (studio.project?.counts.total === 0) return 'Import images first';
    return !studio.working.some(({ kind }) => kind === 'embed') || 'They are being computed';
  },
  run: () => suggestions.compute(),
};
const acceptable = () => suggestions.page.filter(({ classId }) => classId !== null).length;
export const acceptPage: Command = {
  id: 'label.accept-suggestions',
  label: 'Accept the page of suggestions',
  get short() {
    return acceptable() > 0 ? `Accept ${counted(acceptable(), 'label')}` : 'Accept';
  },
  aliases: 'confirm predictions',
  shortcuts: ['Enter'],
  within: ['suggestions', 'nothing'],
  when: () => {
    const can = isPage();
    if (can !== true) return can;
    return acceptable() > 0 || 'Nothing is suggested';
  },
  run: () => suggestions.accept(),
};

const shown: readonly Command[] = [
  {
    id: 'label.show-images',
    label: 'Show the list of images',
    run: () => (suggestions.open = false),
  },
  {
    id: 'label.show-suggestions',
    label: 'Show suggestions',
    icon: Sparkles,
    aliases: 'pre-label auto-label predictions',
    run: () => suggestions.show(),
  },
  {
    id: 'label.most-certain',
    label: 'Sort suggestions by certainty',
    aliases: 'most certain first',
    when: isPage,
    run: () => suggestions.choose('certain', suggestions.classId),
  },
  {
    id: 'label.most-useful',
    label: 'Sort suggestions by use for learning',
    aliases: 'most useful next active learning uncertainty',
    when: isPage,
    run: () => suggestions.choose('useful', suggestions.classId),
  },
];

/** All queues, with what the run that is looked at takes for something else. */
export function queues(): Queue[] {
  const run = runs.current;
  const parts = ['validation', 'test'] as const;
  const unlike = run ? disagreements(parts.map((split) => evaluations.get(run.id, split))) : [];
  return [...defaultQueues, ...unlike];
}
const showQueues = (): Command[] =>
  queues().map(({ value, label, filter }) => ({
    id: `label.queue ${value}`,
    label: `Show queue: ${label}`,
    aliases: 'filter',
    run() {
      suggestions.open = false;
      return browser.show(filter);
    },
  }));

export const commands = (): readonly Command[] => [
  ...images.list,
  removeLabel,
  addClass,
  showSimilar,
  ...shown,
  acceptPage,
  computeEmbeddings,
  ...showQueues(),
];
