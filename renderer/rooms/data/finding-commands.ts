/** The commands of findings: showing them, looking for them, and what is done about the images of the one at hand. */
import Check from '@lucide/svelte/icons/check';
import CircleOff from '@lucide/svelte/icons/circle-off';
import Wrench from '@lucide/svelte/icons/wrench';
import CopyX from '@lucide/svelte/icons/copy-x';
import Images from '@lucide/svelte/icons/images';
import SearchCheck from '@lucide/svelte/icons/search-check';
import ShieldCheck from '@lucide/svelte/icons/shield-check';
import Sparkles from '@lucide/svelte/icons/sparkles';
import { type FindingAction, type FindingKind, findingKinds, findingWords } from '#contract/findings.ts';
import type { Command } from '../../commands/command.ts';
import { navigation, runs } from '../../stores.ts';
import { actionWords } from './findings.svelte.ts';
import { someImages } from './some-images.ts';
import { browser, findings } from './stores.ts';

export const showFindings: Command = {
  id: 'data.findings',
  label: 'Show findings',
  short: 'Findings',
  icon: SearchCheck,
  aliases: 'problems duplicates outliers label errors leaks shortcuts blurry dark data quality cleanlab',
  when: someImages,
  run: () => findings.show(),
};
export const leaveFindings: Command = {
  id: 'data.leave-findings',
  label: 'Show the images again',
  short: 'All images',
  icon: Images,
  when: () => findings.open || 'No findings are shown',
  run: () => findings.leave(),
};
const canLook = () => (findings.job ? 'They are being looked for' : someImages());
export const lookForFindings: Command = {
  id: 'data.look-for-findings',
  get label() {
    return findings.found ? 'Look for findings again' : 'Look for findings';
  },
  get short() {
    return findings.found ? 'Look again' : 'Look for findings';
  },
  icon: SearchCheck,
  aliases: 'find compute check data quality',
  when: canLook,
  run: () => findings.start(),
};
export const auditFindings: Command = {
  id: 'data.audit-findings',
  label: 'Audit the findings',
  short: 'Audit',
  icon: ShieldCheck,
  aliases: 'plant faults recall test finder',
  when: canLook,
  run: () => findings.start({ audit: true }),
};
export const findWithEmbeddings: Command = {
  id: 'data.compute-embeddings',
  label: 'Compute embeddings, then look for findings',
  short: 'Compute embeddings',
  icon: Sparkles,
  aliases: 'features vectors',
  when: () => (findings.embedding ? 'They are being computed' : canLook()),
  run: () => findings.startWithEmbeddings(),
};

/** What can be done about the images of the finding at hand; what that is, it says. */
function findingAction(
  action: () => FindingAction | undefined,
  id: string,
  rest: Pick<Command, 'label' | 'icon' | 'shortcuts'>,
): Command {
  return {
    ...rest,
    id,
    get label() {
      const now = action();
      const remedy = now === 'change-recipe' ? findings.remedy : null;
      return remedy
        ? `${remedy.label}: changes the recipe in Train`
        : now
          ? actionWords[now].label
          : rest.label;
    },
    get short() {
      const now = action();
      const remedy = now === 'change-recipe' ? findings.remedy : null;
      return remedy?.label ?? (now ? actionWords[now].short : rest.label);
    },
    within: ['images', 'large'],
    when() {
      if (!findings.open) return 'Show findings first';
      if (action() === undefined) return 'There is nothing else to be done here';
      if (action() === 'change-recipe') return findings.recipeNeeds;
      return browser.current !== undefined || 'There is no image here';
    },
    run() {
      const now = action();
      if (now) return findings.act(now);
    },
  };
}
export const applyAction = findingAction(() => findings.repairs[0], 'data.finding-action', {
  ...{ label: 'Act on the finding', icon: Check, shortcuts: ['Shift+A'] },
});
export const applyOtherAction = findingAction(() => findings.repairs[1], 'data.finding-other-action', {
  ...{ label: 'Act on the finding in the other way', icon: CopyX, shortcuts: ['Shift+X'] },
});
export const dismissFinding = findingAction(
  () => findings.actions.find((action) => action === 'dismiss'),
  'data.dismiss-finding',
  { label: 'Dismiss the finding', icon: CircleOff, shortcuts: ['Shift+D'] },
);
export const repairInJudge: Command = {
  id: 'data.repair-label-errors',
  label: 'Repair label errors in Judge',
  short: 'Repair in Judge',
  icon: Wrench,
  aliases: 'suspects retrain loop relabel',
  when() {
    if (!findings.found) return 'Look for findings first';
    return runs.current !== null || 'Train a run first';
  },
  run: () => navigation.go('judge', 'suspects'),
};
const showFinding = (kind: FindingKind): Command => ({
  id: `data.finding-${kind}`,
  label: `Show finding: ${findingWords[kind].title}`,
  aliases: 'filter problems',
  when: () => (findings.found ? true : 'Look for findings first'),
  run: () => findings.show(kind),
});

export const findingCommands: readonly Command[] = [
  showFindings,
  leaveFindings,
  lookForFindings,
  auditFindings,
  findWithEmbeddings,
  applyAction,
  applyOtherAction,
  dismissFinding,
  repairInJudge,
  ...findingKinds.map(showFinding),
];
