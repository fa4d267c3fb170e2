/** For tests only: a part of the window in a real browser, with the window's styles, and what axe finds in it. */
import '../styles/tokens.css';
import '../styles/base.css';
import '../styles/shared.css';
import axe from 'axe-core';
import { type Component, type ComponentProps, createRawSnippet, mount, type Snippet, unmount } from 'svelte';
import { expect, onTestFinished } from 'vitest';
import TestWindow from './TestWindow.svelte';

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- as Svelte's own types name a component of any properties
type Part = Component<any, any, any>;

/**
 * Shows a part as the window does, until the test has ended. What it is given can be changed, as its parent would:
 * `given.value = 3`.
 * @returns the element that it stands in, and its properties
 */
export function show<P extends Part>(
  part: P,
  properties: ComponentProps<P>,
): { target: HTMLElement; given: ComponentProps<P> } {
  const given = $state(properties);
  const main = document.querySelector('main') ?? document.body.appendChild(document.createElement('main'));
  const target = main.appendChild(document.createElement('div'));
  const shown = mount(TestWindow, { target, props: { part, given } });
  onTestFinished(async () => {
    await unmount(shown);
    target.remove();
  });
  return { target, given };
}

/** Text as a snippet, for parts that take what stands inside. */
export const text = (words: string): Snippet =>
  createRawSnippet(() => ({ render: () => `<span>${words}</span>` }));

/** No finding of axe in what is shown, in the light theme and in the dark one. */
export async function expectAccessible(): Promise<void> {
  const { dataset } = document.documentElement;
  for (const theme of ['light', 'dark']) {
    dataset.theme = theme;
    // Colours that are on their way from one theme to the other are nobody's.
    await Promise.all(document.getAnimations().map(({ finished }) => finished.catch(() => undefined)));
    const { violations } = await axe.run(document.body, {
      // A part alone is no page: it has no heading and no landmarks of its own.
      rules: { region: { enabled: false }, 'page-has-heading-one': { enabled: false } },
    });
    expect(
      violations.map(({ id, nodes }) => `${theme}: ${id}: ${nodes.map(({ html }) => html).join(' ')}`),
    ).toEqual([]);
  }
  delete dataset.theme;
}
