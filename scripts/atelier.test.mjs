/** The commands that `npm run atelier` makes the engine ready for are those that need it. */
import { expect, it } from 'vitest';
import { commands } from '../cli/commands.ts';
import { engineCommands } from './setup/engine-commands.mjs';

it('makes the engine ready for the commands that need it, and for no other', () => {
  expect(engineCommands).toEqual(commands.filter(({ needsEngine }) => needsEngine).map(({ name }) => name));
});
