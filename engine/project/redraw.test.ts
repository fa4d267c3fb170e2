/** The split of a project drawn anew: what stays where it is, and what is undone. */
import { describe, expect, it } from 'vitest';
import { testProject } from './testing-filled.ts';
import { redraw } from './testing-redraw.ts';

const { filled, open } = testProject();

describe('the split', () => {
  it('is redrawn without touching test data, and undone', async () => {
    const project = await filled();
    const before = project.columns.splits.slice();
    await redraw(project, 0.5, 9);
    expect(project.summary()).toMatchObject({
      validationShare: 0.5,
      splitSeed: 9,
      counts: { test: 500, validation: 1000 },
    });
    await project.step('undo');
    expect(project.columns.splits).toEqual(before);
    expect(project.summary()).toMatchObject({ validationShare: 0.2, splitSeed: 1 });
    await project.close();
  });

  it('draws the test part too where its share is given, except what the source fixed, and is undone', async () => {
    const project = await filled();
    const before = project.columns.splits.slice();
    await redraw(project, 0.2, 3, { testShare: 0.4 });
    // A fifth of each class is the source's own test part; 100 a class are drawn to make two fifths of 250.
    expect(project.summary()).toMatchObject({
      testShare: 0.4,
      counts: { train: 1200, validation: 300, test: 1000, fixed: 500 },
    });
    expect([...project.columns.splits].filter((split, at) => before[at] === 2 && split !== 2)).toEqual([]);

    await redraw(project, 0.2, 3, { testShare: 0.1, fixed: true });
    expect(project.summary().counts).toMatchObject({ train: 1800, validation: 450, test: 250 });
    await redraw(project, 0.2, 3, { testShare: 0, fixed: true });
    expect(project.summary().counts).toMatchObject({ train: 2000, validation: 500, test: 0 });
    for (const share of [0.1, 0.4, 0.15]) {
      await project.step('undo');
      expect(project.summary().testShare).toBe(share);
    }
    expect(project.columns.splits).toEqual(before);
    await project.close();
  });

  it('keeps images of one group in one part', async () => {
    const project = await filled();
    // Groups of ten neighbours, which are of several classes.
    await project.change((database) => {
      const columns = database.prepare('PRAGMA table_info(items)').all() as { name: string }[];
      if (columns.every(({ name }) => name !== 'group_name'))
        database.exec('ALTER TABLE items ADD COLUMN group_name TEXT');
      database.exec("UPDATE items SET group_name = 'g' || (id / 10) WHERE split <> 2");
    });
    await redraw(project, 0.3, 4);
    const { ids, splits } = project.columns;
    const parts = new Map<number, Set<number>>();
    ids.forEach((id, at) => {
      if (splits[at] === 2) return;
      const group = Math.floor(id / 10);
      parts.set(group, (parts.get(group) ?? new Set()).add(splits[at]!));
    });
    expect(parts.size).toBeGreaterThan(100);
    expect([...parts.values()].filter((part) => part.size > 1)).toEqual([]);
    expect(project.summary().counts.validation).toBeGreaterThan(400);
    await project.close();
  });

  it('says so where every image stays', async () => {
    const project = await filled();
    await project.change((database) => database.exec('UPDATE items SET fixed = 1'));
    await project.close();
    const again = await open();
    await expect(redraw(again, 0.3, 1, { testShare: 0.2 })).rejects.toMatchObject({
      code: 'CONFLICT',
      message:
        'Expected images whose part can be drawn, but the source says the part of all 2500 images (or they are test images, which stay). Give a share for the test part, or ask that parts from the source are drawn too. Nothing was changed.',
    });
    expect(again.summary().undo).toBeNull();
    await again.close();
  });
});
