/** Where a key counts, in a real page: text, dialogs and menus have theirs. */
import { beforeEach, expect, it } from 'vitest';
import { placesOf } from './place.ts';

const page = `
  <input id="text" /><input id="check" type="checkbox" /><select id="select"></select>
  <textarea id="area"></textarea><div id="edited" contenteditable="true"></div>
  <div data-keys="images"><button id="cell">Bag</button></div>
  <div data-keys="recipe"><input id="setting" /><button id="row">Dropout</button></div>
  <section class="host"></section>`;
const at = (id: string) => placesOf(document.getElementById(id));
/** What opens over the window. */
function open(html: string): void {
  document.querySelector('.host')!.innerHTML = html;
}

beforeEach(() => {
  document.body.innerHTML = page;
});

it('is the room, and what the element stands in', () => {
  expect(placesOf(document.body)).toEqual(['room', 'nothing']);
  expect(at('check')).toEqual(['room']);
  expect(at('cell')).toEqual(['room', 'images']);
  expect(at('row')).toEqual(['room', 'recipe']);
});

it('is none where keys are text, save in the recipe, which takes back its own changes', () => {
  for (const id of ['text', 'select', 'area', 'edited']) expect(at(id)).toEqual([]);
  expect(at('setting')).toEqual(['recipe']);
});

it('is none while a dialog or a menu is open, save in the large image; one that is closing is none', () => {
  open('<div class="atelier-dialog" data-state="open"><button id="ok">OK</button></div>');
  for (const id of ['ok', 'cell', 'check']) expect(at(id)).toEqual([]);
  expect(placesOf(document.body)).toEqual([]);
  open('<div class="atelier-menu" data-state="open"><button id="item">Rename</button></div>');
  expect(at('item')).toEqual([]);
  open(
    '<div class="atelier-dialog" data-state="open" data-keys="large"><button id="next">Next</button></div>',
  );
  expect([at('next'), at('cell')]).toEqual([['large'], []]);
  open('<div class="atelier-dialog" data-state="closed"><input id="left" /></div>');
  expect([at('cell'), at('left')]).toEqual([['room', 'images'], ['room']]);
});
