import { beforeEach, describe, expect, it, vi } from 'vitest';
import { AtelierError } from '#contract/errors.ts';
import type { Prediction } from '#contract/evaluation.ts';
import type { Project } from '#contract/project.ts';
import { say } from '../../state/notices.ts';
import { ShipDesk } from './ship.svelte.ts';
import { Studio } from '../../state/studio.svelte.ts';

vi.mock('../../state/notices.ts', () => ({ say: vi.fn(), report: vi.fn() }));

const files = (...names: string[]) => names.map((name) => new File(['x'], name));
let studio: Studio;
let ship: ShipDesk;
let answer: (call: number) => Promise<Prediction>;
beforeEach(() => {
  vi.clearAllMocks();
  vi.stubGlobal('window', { atelier: { pathOf: (file: File) => `/p/${file.name}` } });
  studio = new Studio(() => Promise.reject(new Error('not used')));
  studio.project = { id: 'p1' } as Project;
  let calls = 0;
  vi.spyOn(studio, 'call').mockImplementation((() => answer((calls += 1))) as never);
  ship = new ShipDesk(studio);
});

describe('images dropped together', () => {
  it('tell by name which could not be classified, until the next drop', async () => {
    answer = async (call) => {
      if (call === 1) throw new AtelierError('BAD_REQUEST', 'no image');
      return { name: `${call}` } as Prediction;
    };
    await ship.classify('r1', files('a.png', 'b.png'));
    expect([ship.faults.map(({ name }) => name), ship.history.length]).toEqual([['a.png'], 1]);
    await ship.classify('r1', files('c.png'));
    expect(ship.faults).toEqual([]);
  });

  it('say how many were too many', async () => {
    answer = async () => ({}) as Prediction;
    await ship.classify('r1', files(...Array.from({ length: 15 }, (_, index) => `${index}.png`)));
    expect(ship.history).toHaveLength(12);
    expect(vi.mocked(say).mock.calls[0]?.[0]).toContain('3 of 15');
  });

  it('are forgotten with their project', async () => {
    answer = async () => {
      studio.project = { id: 'p2' } as Project;
      return {} as Prediction;
    };
    await ship.classify('r1', files('a.png', 'b.png'));
    expect([ship.shown, ship.history]).toEqual([null, []]);
    expect(studio.call).toHaveBeenCalledOnce();
  });
});
