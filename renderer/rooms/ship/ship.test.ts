import { beforeEach, describe, expect, it, vi } from 'vitest';
import { AtelierError } from '#contract/errors.ts';
import type { Prediction } from '#contract/evaluation.ts';
import type { Explanation } from '#contract/explanation.ts';
import type { StudioClient } from '#contract/rpc.ts';
import * as notices from '../../state/notices.ts';
import { ShipStore } from './ship.svelte.ts';
import { projectOf, TestStudio } from '../../state/testing.ts';

const files = (...names: string[]) => names.map((name) => new File(['x'], name));
let studio: TestStudio;
let ship: ShipStore;
const predict = vi.fn<StudioClient['predictions']['predict']>();
const prediction = (name: string): Prediction => ({
  ...{ runId: 'r1', itemId: null, name, classes: [], probabilities: [], predicted: 0 },
  ...{ verdict: 'answer', judged: null },
  ...{ networkImage: '', image: '', milliseconds: 1 },
});
beforeEach(() => {
  vi.spyOn(notices, 'say').mockImplementation(() => {});
  vi.stubGlobal('window', { atelier: { pathOf: (file: File) => `/p/${file.name}` } });
  predict.mockReset();
  studio = new TestStudio({ predictions: { predict } }, projectOf({ id: 'p1' }));
  ship = new ShipStore(studio);
});

describe('images dropped together', () => {
  it('tell by name which could not be classified, until the next drop', async () => {
    predict.mockRejectedValueOnce(new AtelierError('BAD_REQUEST', 'no image'));
    predict.mockImplementation(async () => prediction('b.png'));
    await ship.classify('r1', files('a.png', 'b.png'));
    expect([ship.faults.map(({ name }) => name), ship.history.length]).toEqual([['a.png'], 1]);
    await ship.classify('r1', files('c.png'));
    expect(ship.faults).toEqual([]);
  });

  it('say how many were too many', async () => {
    predict.mockImplementation(async () => prediction('one.png'));
    await ship.classify('r1', files(...Array.from({ length: 15 }, (_, index) => `${index}.png`)));
    expect(ship.history).toHaveLength(12);
    expect(vi.mocked(notices.say).mock.calls[0]?.[0]).toContain('3 of 15');
  });

  it('are forgotten with their project', async () => {
    predict.mockImplementation(async () => {
      studio.project = projectOf({ id: 'p2' });
      return prediction('a.png');
    });
    await ship.classify('r1', files('a.png', 'b.png'));
    expect([ship.shown, ship.history]).toEqual([null, []]);
    expect(predict).toHaveBeenCalledOnce();
  });
});

describe('why', () => {
  it('is asked once of the image that was classified, for the predicted class, and is forgotten with the project', async () => {
    const explain = vi.fn<StudioClient['explanations']['explain']>();
    explain.mockResolvedValue({ overlay: '/heat' } as Explanation);
    ship = new ShipStore(
      new TestStudio({ predictions: { predict }, explanations: { explain } }, projectOf({ id: 'p1' })),
    );
    predict.mockResolvedValue({ ...prediction('a.png'), predicted: 3, networkImage: '/seen' });
    await ship.classify('r1', files('a.png'));
    await ship.explain(ship.shown!);
    await ship.explain(ship.shown!);
    expect(explain.mock.calls.map(([asked]) => asked)).toEqual([
      { runId: 'r1', image: { kind: 'path', path: '/p/a.png' }, method: 'grad-cam', target: 3 },
    ]);
    const { shown } = ship;
    expect(ship.explanation(shown!)).toMatchObject({ overlay: '/heat' });
    ship.reset();
    expect(ship.explanation(shown!)).toBeUndefined();
  });
});
