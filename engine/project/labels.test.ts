/** Labels and classes: given, undone and redone on disk as in memory, and not lost when the process is killed. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { bundle } from '../testing.ts';
import { testProject } from './testing-filled.ts';

const test = testProject();
const { filled, open } = test;

describe('labels', () => {
  it('are undone and redone in order, on disk as in memory', async () => {
    const project = await filled();
    const [first, second] = project.classes();
    const before = [project.item(3).classId, project.item(4).classId];
    expect((await project.relabel([3, 4, 4], second!.id)).itemIds).toEqual(
      [3, 4].filter((_, index) => before[index] !== second!.id),
    );
    await project.relabel([4], first!.id);
    await project.renameClass(first!.id, 'Top ❤');
    const added = await project.addClass('Hat');
    const counts = project.summary().counts;

    for (let steps = 0; steps < 4; steps++) await project.step('undo');
    expect([project.item(3).classId, project.item(4).classId]).toEqual(before);
    expect(project.summary()).toMatchObject({ undo: null, counts: { relabelled: 0 } });
    expect(project.classes().map(({ name }) => name)).not.toContain('Hat');
    await expect(project.step('undo')).rejects.toMatchObject({ code: 'CONFLICT' });

    for (let steps = 0; steps < 4; steps++) await project.step('redo');
    expect(project.summary()).toMatchObject({ redo: null, counts });
    expect(project.item(4).classId).toBe(first!.id);
    expect(project.classes()).toContainEqual(expect.objectContaining({ id: added.id, name: 'Hat' }));
    await project.close();

    const again = await open();
    expect(again.summary().counts).toEqual(counts);
    expect(again.item(4).classId).toBe(first!.id);
    await again.close();
  });

  it('forget what was undone once something else is done', async () => {
    const project = await filled();
    await project.addClass('Hat');
    await project.step('undo');
    await project.addClass('Cap');
    expect(project.summary()).toMatchObject({ undo: 'Add class “Cap”', redo: null });
    await project.close();
  });

  it('that cannot be taken back any more do not bar the way to those before', async () => {
    const project = await filled();
    const [first] = project.classes();
    await project.renameClass(first!.id, 'Top');
    await project.addClass('Hat');
    // As an import does, which is not a step that can be undone.
    await project.change((database) =>
      database.exec(
        "UPDATE items SET imported_class_id = (SELECT id FROM classes WHERE name = 'Hat') WHERE id = 1",
      ),
    );
    await expect(project.step('undo')).rejects.toMatchObject({ code: 'CONFLICT' });
    await project.step('undo');
    const names = project.classes().map(({ name }) => name);
    expect([names[0], names.includes('Hat')]).toEqual([first!.name, true]);

    await project.change((database) => database.exec("INSERT INTO classes (name) VALUES ('Top')"));
    await expect(project.step('redo')).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(project.summary()).toMatchObject({ undo: null, redo: null });
    await project.close();
  });

  it('refuse unknown items and classes and names that are taken, changing nothing', async () => {
    const project = await filled();
    const [first] = project.classes();
    await expect(project.relabel([1, 999_999], first!.id)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(project.relabel([1], 99)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(project.addClass(first!.name)).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(project.summary()).toMatchObject({ undo: null, counts: { relabelled: 0 } });
    await project.close();
  });

  it('that were acknowledged survive kill -9, and so does nobody’s lock', async () => {
    await (await filled()).close();
    const script = await bundle('engine/project/testing-process.ts');
    const acknowledged = new Map<number, number>();
    for (let trial = 0; trial < 4; trial++) {
      const child = spawn(process.execPath, [script, test.path, String(trial)], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      let text = '';
      child.stdout.on('data', (bytes: Buffer) => (text += bytes.toString()));
      await once(child.stdout, 'data');
      await expect(open()).rejects.toMatchObject({ code: 'PROJECT_LOCKED' });
      while (text.split('\n').length <= 1 + trial * 7) await once(child.stdout, 'data');
      child.kill('SIGKILL');
      await once(child, 'close');
      const lines = text.split('\n').slice(0, -1);
      expect(lines.length).toBeGreaterThan(0);
      for (const line of lines) {
        const [itemId, classId] = line.split(' ').map(Number) as [number, number];
        acknowledged.set(itemId, classId);
      }
      const project = await open();
      // The label under way when the process died may be there or not.
      const underWay = 1 + ((lines.length * 37) % project.columns.length);
      acknowledged.delete(underWay);
      const lost = [...acknowledged].filter(([itemId, classId]) => project.item(itemId).classId !== classId);
      expect(lost).toEqual([]);
      await project.close();
    }
  });
});
