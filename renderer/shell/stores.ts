/** What belongs to the window around the rooms. No room imports from here. */
import { inside } from '../rooms/train/stores.ts';
import { plans } from '../rooms/data/stores.ts';
import { ship } from '../rooms/ship/stores.ts';
import { commands, draft, labels, navigation, projects, runs, studio } from '../stores.ts';
import { CommandView } from './command-view.svelte.ts';
import { Drops } from './drops.svelte.ts';
import { Undo } from './undo.svelte.ts';

export const undo = new Undo({ navigation, draft, labels, studio });
export const drops = new Drops({ studio, projects, plans, runs, inside, ship, navigation });
export const view = new CommandView(commands, localStorage);
