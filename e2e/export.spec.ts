/**
 * What leaves the studio is judged from outside: Python's own onnx checker and onnxruntime, on the test images as they are,
 * must find the accuracy that the studio states, to the last image.
 */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { atelier, root, smallSample } from './command-line.ts';
import { expect, test } from './studio.ts';

interface Report {
  correct: number;
  count: number;
  goldenDifference: number;
}

test('the exported model.onnx answers in Python as the studio does', async ({ trained, home }) => {
  const bundle = join(home.folder, 'bundle.zip');
  const { evaluation } = await atelier<{ evaluation: { correct: number; count: number } }>(
    home,
    'evaluate',
    trained,
  );
  await atelier(home, 'export', trained, '--out', bundle);
  const check = join(root, 'learning', 'export', 'check-bundle.py');
  const idx = (kind: string) => join(smallSample, `t10k-${kind}-ubyte.gz`);
  const { stdout } = await promisify(execFile)(process.env.ATELIER_PYTHON ?? 'python3', [
    check,
    bundle,
    idx('images-idx3'),
    idx('labels-idx1'),
  ]);
  const report = JSON.parse(stdout) as Report;
  expect(evaluation.count).toBe(500);
  expect({ correct: report.correct, count: report.count }).toEqual({
    correct: evaluation.correct,
    count: evaluation.count,
  });
  expect(report.correct).toBeGreaterThan(300);
  expect(report.goldenDifference).toBeLessThan(1e-4);

  // The example in the bundle: goes on after what it skips, and says so by its exit code.
  const unpacked = join(home.folder, 'unpacked');
  const python = (...words: string[]) => promisify(execFile)(process.env.ATELIER_PYTHON ?? 'python3', words);
  await python('-m', 'zipfile', '-e', bundle, unpacked);
  const image = join(unpacked, 'golden', '0.png');
  const none = join(unpacked, 'labels.json');
  const ended = await python(join(unpacked, 'predict.py'), '--json', none, image).catch(
    (error: { code: number; stdout: string; stderr: string }) => error,
  );
  expect(ended).toMatchObject({ code: 1 });
  expect(ended.stderr).toContain('1 of 2 images were skipped');
  const [skipped, answered] = ended.stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as object);
  expect(skipped).toEqual({ image: none, error: expect.stringContaining('cannot identify') });
  expect(answered).toMatchObject({ image, probabilities: { 'Ankle boot': expect.any(Number) } });
});
