/** All commands of the window, as their rooms have them. A room's are in its own commands.ts. */
import type { CommandSource } from './commands/command.ts';
import { commands as data } from './rooms/data/commands.ts';
import { commands as judge } from './rooms/judge/commands.ts';
import { commands as label } from './rooms/label/commands.ts';
import { commands as ship } from './rooms/ship/commands.ts';
import { commands as train } from './rooms/train/commands.ts';
import { commands as shell } from './shell/commands.ts';

export const commandList: readonly CommandSource[] = [shell, data, label, train, judge, ship];
