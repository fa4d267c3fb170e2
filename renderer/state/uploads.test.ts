import { afterEach, describe, expect, it, vi } from 'vitest';
import { type DroppedFile, uploadFolder } from './uploads.ts';

const files = (...paths: string[]): DroppedFile[] =>
  paths.map((path) => ({ file: new File(['x'], path.split('/').at(-1)!), path }));

/** A studio that refuses some paths, and may be gone. */
function studio(answer: (path: string) => number) {
  const seen: [string, string][] = [];
  vi.stubGlobal('fetch', async (address: string, { headers }: { headers: Record<string, string> }) => {
    const path = decodeURIComponent(headers['x-atelier-path']!);
    seen.push([address, path]);
    const status = answer(path);
    if (status === 0) throw new TypeError('Failed to fetch');
    const body =
      status === 200 ? { uploadId: 'u1' } : { code: 'BAD_REQUEST', message: 'No bytes.', details: {} };
    return new Response(JSON.stringify(body), { status });
  });
  return seen;
}
afterEach(() => vi.unstubAllGlobals());

describe('a folder on its way to the studio', () => {
  it('is one upload with each path, names of any script, and counts to the end', async () => {
    const seen = studio(() => 200);
    const progress: number[] = [];
    const all = files('a/1.png', 'a/Größe 2.png', 'b/猫.png');
    expect(await uploadFolder(all, (done) => progress.push(done))).toEqual({ uploadId: 'u1', refused: [] });
    expect(seen.map(([, path]) => path).sort()).toEqual(all.map(({ path }) => path).sort());
    expect(seen.map(([address]) => address)).toEqual(['/uploads', '/uploads/u1', '/uploads/u1']);
    expect(progress).toEqual([1, 2, 3]);
  });

  it('goes on after files that are refused, the first too, and names them', async () => {
    const seen = studio((path) => (path.includes('empty') ? 400 : 200));
    const result = await uploadFolder(files('empty1.png', 'a.png', 'empty2.png', 'b.png'), () => {});
    expect(result).toEqual({ uploadId: 'u1', refused: ['empty1.png', 'empty2.png'] });
    expect(seen.filter(([address]) => address === '/uploads').map(([, path]) => path)).toEqual([
      'empty1.png',
      'a.png',
    ]);
  });

  it('stops, and stops telling, when the studio is gone', async () => {
    const seen = studio((path) => (path === '0.png' ? 200 : 0));
    const progress: number[] = [];
    const many = files(...Array.from({ length: 50 }, (_, index) => `${index}.png`));
    await expect(uploadFolder(many, (done) => progress.push(done))).rejects.toMatchObject({
      code: 'CONNECTION_LOST',
    });
    expect(seen.length).toBeLessThan(10);
    const told = progress.length;
    for (let turn = 0; turn < 5; turn += 1) await new Promise((wake) => setTimeout(wake));
    expect(progress.length).toBe(told);
  });

  it('says that a folder of nothing holds nothing', async () => {
    studio(() => 400);
    await expect(uploadFolder(files('x'), () => {})).rejects.toMatchObject({ code: 'SOURCE_EMPTY' });
    await expect(uploadFolder([], () => {})).rejects.toMatchObject({ code: 'SOURCE_EMPTY' });
  });
});
