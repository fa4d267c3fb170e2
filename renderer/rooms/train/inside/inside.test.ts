import { describe, expect, it } from 'vitest';
import { AtelierError } from '#contract/errors.ts';
import type { LayerPicture } from '#contract/probes.ts';
import { Inside } from './inside.svelte.ts';
import { itemOf as item, settled, TestStudio } from '../../../state/testing.ts';

const run = { id: 'r', bestEpoch: 2 };
const picture = (name: string): LayerPicture => ({
  ...{
    name,
    kind: 'conv',
    outputShape: [1, 1, 1],
    activations: null,
    tiles: 0,
    filters: null,
    values: null,
    columns: 0,
  },
});

/** A studio that answers when the test says so. */
function studio() {
  const calls: {
    image: unknown;
    answer: (layers: LayerPicture[]) => void;
    fail: (error: unknown) => void;
  }[] = [];
  const inspect = ({ image }: { image: unknown }) =>
    new Promise<LayerPicture[]>((answer, fail) => calls.push({ image, answer, fail }));
  return { fake: new TestStudio({ runs: { inspect } }), calls };
}

describe('looking inside', () => {
  it('shows the answer for the image that was chosen last', async () => {
    const { fake, calls } = studio();
    const inside = new Inside(fake);
    void inside.lookAtItem(run, item(1));
    void inside.lookAtItem(run, item(2));
    await settled();
    expect(calls.map(({ image }) => image)).toEqual([
      { kind: 'item', itemId: 1 },
      { kind: 'item', itemId: 2 },
    ]);
    calls[1]!.answer([picture('two')]);
    calls[0]!.answer([picture('one')]);
    await settled();
    expect([inside.layers?.[0]?.name, inside.looked?.name, inside.busy]).toEqual(['two', 'train/2', false]);
  });

  it('says why it failed, and asks again for the same image', async () => {
    const { fake, calls } = studio();
    const inside = new Inside(fake);
    void inside.lookAtItem(run, item(1));
    await settled();
    calls[0]!.fail(new AtelierError('CONFLICT', 'The weights are gone.'));
    await settled();
    expect([inside.fault?.code, inside.busy]).toEqual(['CONFLICT', false]);
    void inside.again(run);
    await settled();
    calls[1]!.answer([]);
    await settled();
    expect([inside.fault, inside.layers]).toEqual([null, []]);
  });

  it('keeps nothing of an answer that comes after another project was opened', async () => {
    const { fake, calls } = studio();
    const inside = new Inside(fake);
    void inside.lookAtItem(run, item(1));
    await settled();
    inside.reset();
    calls[0]!.answer([picture('late')]);
    await settled();
    expect([inside.layers, inside.looked, inside.busy]).toEqual([null, null, false]);
  });

  it('knows when the run has better weights since, asks them about the same image, and goes with the run', async () => {
    const { fake, calls } = studio();
    const inside = new Inside(fake);
    void inside.lookAtItem(run, item(1));
    await settled();
    calls[0]!.answer([picture('early')]);
    await settled();
    const better = { ...run, bestEpoch: 5 };
    expect([inside.isOld(run), inside.isOld({ id: 'other', bestEpoch: 5 }), inside.isOld(better)]).toEqual([
      false,
      false,
      true,
    ]);
    void inside.again(better);
    await settled();
    expect([calls[1]!.image, inside.isOld(better)]).toEqual([{ kind: 'item', itemId: 1 }, false]);
    inside.receive({ event: 'run.deleted', runId: 'other' });
    expect(inside.looked?.runId).toBe('r');
    inside.receive({ event: 'run.deleted', runId: 'r' });
    expect([inside.looked, inside.layers]).toEqual([null, null]);
  });
});
