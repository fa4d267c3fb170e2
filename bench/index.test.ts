/** What bench computes and how it talks to its processes; the figures themselves are measured, not tested. */
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { countParameters, planOf } from '#recipe/plan.ts';
import { openEngine } from '#learning/tensorflow/engine.ts';
import { runBench } from './index.ts';
import { runBenchMode } from './modes.ts';
import { PARAMETERS } from './network.ts';
import { pytorchEpoch, pytorchSteps } from './peers.ts';
import { readProfile } from './profile.ts';
import { hearOut, startMeasuring } from './process.ts';
import { epochRecipe, stepRecipe } from './recipes.ts';
import { ratios } from './steps.ts';
import { median } from '#recipe/statistics/median.ts';

vi.mock('#learning/tensorflow/engine.ts');
beforeEach(() => {
  vi.mocked(openEngine).mockReset().mockRejectedValue(new Error('no engine in this test'));
});

test('median of odd and even counts', () => {
  expect(median([3, 10, 1])).toBe(3);
  expect(median([4, 1, 10, 2])).toBe(3);
});

test('ratios take the best PyTorch mode, and are null where a side is missing', () => {
  const rows = [
    { mode: 'traced', imagesPerSecond: 1500, peakBytes: 600 },
    { mode: 'traced-bfloat16', imagesPerSecond: 3000, peakBytes: 600 },
    { mode: 'eager', imagesPerSecond: 500, peakBytes: 900 },
    { mode: 'pytorch-eager', imagesPerSecond: 1000, peakBytes: 700 },
    { mode: 'pytorch-compile', imagesPerSecond: 1200, peakBytes: 800 },
    // bfloat16 is no peer of float32, however fast.
    { mode: 'pytorch-bfloat16', imagesPerSecond: 2400, peakBytes: 800 },
  ] as const;
  expect(ratios([...rows])).toEqual({
    tracedToBestPytorch: 1.25,
    tracedToEager: 3,
    bfloat16ToBestPytorch: 2.5,
    bestPytorch: 'pytorch-compile',
    memoryToBestPytorch: 0.75,
  });
  expect(ratios(rows.slice(0, 1))).toEqual({
    tracedToBestPytorch: null,
    tracedToEager: null,
    bfloat16ToBestPytorch: null,
    bestPytorch: null,
    memoryToBestPytorch: null,
  });
});

test('a profile sums the kernels after the start mark, and names what is left', () => {
  const line = (kind: string, direction: string, time: number) =>
    `onednn_verbose,v1,primitive,exec,cpu,${kind},jit:avx2,${direction},src:f32::blocked:acdb::f0,,,mb128,${time}`;
  const text = [
    line('convolution', 'forward_training', 999), // warming up
    'onednn_verbose,v1,info,cpu,isa:Intel AVX2',
    'atelier-profile-start',
    ...[0, 1].flatMap(() => [
      line('convolution', 'forward_training', 3),
      line('convolution', 'forward_training', 2),
      line('reorder', 'undef', 1),
    ]),
    '{"steps":2,"milliseconds":20}',
  ].join('\n');
  expect(readProfile(text)).toEqual({
    stepMilliseconds: 10,
    steps: 2,
    rows: [
      { kernel: 'convolution, forward_training', calls: 2, milliseconds: 5, share: 0.5 },
      { kernel: 'reorder', calls: 1, milliseconds: 1, share: 0.1 },
      { kernel: "TensorFlow's own kernels and dispatch", calls: 1, milliseconds: 4, share: 0.4 },
    ],
  });
  expect(readProfile('atelier-profile-start\n{"steps":2,"milliseconds":20}')).toBeNull();
});

describe('a measuring process', () => {
  const node = (script: string, limits = { ready: 30, round: 30 }) =>
    startMeasuring([process.execPath, '-e', script], process.env, limits);
  const ready = `console.log('chatter'); console.log('{"ready":true,"library":"x","device":"y","threads":1}');`;

  test('answers rounds, past what a library prints', async () => {
    const child = await node(
      `${ready} process.stdin.on('data', (d) => console.log(JSON.stringify({ imagesPerSecond: Number(d) * 2, loss: 0 })));`,
    );
    expect(child.ready.library).toBe('x');
    expect((await child.round(21)).imagesPerSecond).toBe(42);
    expect((await child.round(3)).imagesPerSecond).toBe(6);
    await child.end();
    await expect(child.round(1)).rejects.toThrow(/has ended/);
  });

  test('that is late with its start, a round or its end is killed', async () => {
    const idle = 'setInterval(() => {}, 1000);';
    await expect(node(idle, { ready: 0.2, round: 1 })).rejects.toThrow(/^was not ready within 0.2 s$/);
    const child = await node(`${ready} ${idle}`, { ready: 30, round: 0.2 });
    await expect(child.round(1)).rejects.toThrow(/^gave no answer within 0.2 s$/);
    await child.end();
    await expect(hearOut([process.execPath, '-e', idle], process.env, 0.2)).rejects.toThrow(
      /^did not end within 0.2 s: it said nothing$/,
    );
  });

  test('that dies before or during a round rejects with its last words', async () => {
    await expect(node("console.error('first'); console.error('no torch'); process.exit(3)")).rejects.toThrow(
      'ended with 3: no torch',
    );
    const child = await node(`${ready} process.stdin.once('data', () => { throw new Error('boom'); });`);
    await expect(child.round(1)).rejects.toThrow(/^ended with 1/);
    await expect(child.round(1)).rejects.toThrow(/has ended/);
  });

  test('that cannot be started rejects', async () => {
    await expect(startMeasuring(['/no/such/program'], process.env, { ready: 30, round: 30 })).rejects.toThrow(
      /ENOENT/,
    );
    await expect(hearOut(['/no/such/program'], process.env)).rejects.toThrow(/ENOENT/);
  });

  test('that is heard out gives all it wrote, or its last words', async () => {
    const heard = (script: string) => hearOut([process.execPath, '-e', script], process.env);
    expect(await heard("console.log('one'); console.log('two')")).toBe('one\ntwo\n');
    await expect(
      heard("console.error('first'); console.error('no engine'); process.exit(3)"),
    ).rejects.toThrow(/^ended with 3: no engine$/);
    await expect(heard("process.kill(process.pid, 'SIGKILL')")).rejects.toThrow(/^ended with a signal: /);
  });
});

describe('the part profile', () => {
  /** Measuring processes that answer each mode by a line of code. */
  const profiled = (kernel: string, milliseconds: number) => [
    'atelier-profile-start',
    `onednn_verbose,v1,primitive,exec,cpu,${kernel},jit,forward_training,src,,,mb128,${milliseconds}`,
    JSON.stringify({ steps: 1, milliseconds: milliseconds * 2 }),
  ];
  const answers = {
    precisions: ['chatter', '{"bfloat16":null}'],
    profile: profiled('convolution', 30),
    'profile-bfloat16': profiled('convolution', 10),
  };
  const bench = async (says: Record<string, string[]>) => {
    const script = `const lines = ${JSON.stringify(says)}[process.argv[1]];
      if (!lines) throw new Error('cannot ' + process.argv[1]);
      console.log(lines.join('\\n'));`;
    const lines: string[] = [];
    const self = [process.execPath, '-e', script];
    const result = await runBench({ self, parts: ['profile'], threads: 1 }, (line) => lines.push(line));
    return { ...result, lines };
  };

  test('profiles each precision in a process of its own, and opens no engine here', async () => {
    const { profile, lines } = await bench(answers);
    expect(profile!.float32!.stepMilliseconds).toBe(60);
    expect(profile!.bfloat16!.stepMilliseconds).toBe(20);
    const heads = lines.filter((line) => line.startsWith('Where'));
    expect(heads).toEqual([
      'Where a traced step in float32 of 60.0 ms goes (mean of 1)',
      'Where a traced step in bfloat16 of 20.0 ms goes (mean of 1)',
    ]);
    expect(openEngine).not.toHaveBeenCalled();
  });

  test('leaves bfloat16 out where it cannot be had, fails or cannot be asked for, and says why', async () => {
    const none = await bench({ ...answers, precisions: ['{"bfloat16":"No instructions."}'] });
    expect(none.profile).toMatchObject({ float32: { steps: 1 }, bfloat16: null });
    expect(none.lines.at(-1)).toBe('Profile in bfloat16: left out, No instructions.');

    const failed = await bench({ precisions: answers.precisions, profile: answers.profile });
    expect(failed.profile).toMatchObject({ float32: { steps: 1 }, bfloat16: null });
    expect(failed.lines.at(-1)).toMatch(/^Profile in bfloat16: left out, ended with 1: /);

    const unasked = await bench({ ...answers, precisions: ['chatter'] });
    expect(unasked.profile).toMatchObject({ float32: { steps: 1 }, bfloat16: null });
    expect(unasked.lines.at(-1)).toMatch(/left out, whether it can be had could not be asked: no line/);
  });

  test('has no float32 where oneDNN is silent, and fails where the step does', async () => {
    const silent = await bench({ ...answers, profile: ['{"steps":1,"milliseconds":3}'] });
    expect(silent.profile).toMatchObject({ float32: null, bfloat16: { steps: 1 } });
    expect(silent.lines.join('\n')).toContain('Profile in float32: left out, oneDNN wrote nothing');
    await expect(bench({ precisions: answers.precisions })).rejects.toMatchObject({
      code: 'ENGINE_FAILED',
      message: expect.stringMatching(/could not be profiled .*: ended with 1: /),
    });
  });
});

describe('a mode', () => {
  test('opens its engine in the precision of its name', async () => {
    for (const [mode, precision] of [
      ['profile', 'float32'],
      ['profile-bfloat16', 'bfloat16'],
      ['traced', 'float32'],
      ['traced-bfloat16', 'bfloat16'],
    ] as const) {
      await expect(runBenchMode(mode, () => {})).rejects.toThrow('no engine in this test');
      expect(openEngine).toHaveBeenLastCalledWith({ precision });
    }
    await expect(runBenchMode('profile-float16', () => {})).rejects.toMatchObject({ code: 'USAGE' });
  });

  test('tells what the engine can compute in, and closes it', async () => {
    const close = vi.fn();
    const info = { bfloat16: 'No instructions.' };
    vi.mocked(openEngine).mockResolvedValue({ info, close } as never);
    const lines: string[] = [];
    await runBenchMode('precisions', (line) => lines.push(line));
    expect(lines).toEqual(['{"bfloat16":"No instructions."}']);
    expect(close).toHaveBeenCalledOnce();
  });
});

test("the studio's step trains as many parameters as its peers, in the step and in the epoch", () => {
  for (const recipe of [stepRecipe, epochRecipe]) {
    const trained = planOf(recipe, 10).weights.filter(({ trainable }) => trainable);
    expect(countParameters(trained)).toBe(PARAMETERS);
  }
});

test("a script for Python is the peers' network, then what is measured of it", () => {
  for (const script of [pytorchSteps, pytorchEpoch]) {
    for (const name of ['block', 'build', 'say', 'say_ready', 'say_round', 'main']) {
      expect(script.match(new RegExp(`^def ${name}\\(`, 'gm')), name).toHaveLength(1);
    }
    expect(script.indexOf('def say_round(')).toBeLessThan(script.indexOf('def main('));
    expect(script.trimEnd()).toMatch(/\nmain\(.*\)$/);
  }
  expect(pytorchSteps).toContain('torch.autocast');
  expect(pytorchEpoch).toContain('DataLoader');
});
