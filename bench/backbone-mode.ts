/**
 * Features of EfficientNet-Lite0 for made pictures, in batches of 16: the studio's own reader, or onnxruntime-node on the
 * same network as an ONNX file. Says "ready", then answers each line on stdin with the speed of a round of so many seconds.
 */
import { encodeOnnx, inputName } from '#learning/onnx/onnx.ts';
import { backboneNetwork, embeddingNetwork } from '#learning/embeddings/embedding-network.ts';
import { featureOperations, planOf } from '#recipe/plan.ts';
import { openEngine } from '#learning/tensorflow/engine.ts';
import proto from 'onnx-proto';
import { serveRounds } from './lines.ts';

export const backboneModes = ['backbone', 'backbone-onnxruntime-node'] as const;
export type BackboneMode = (typeof backboneModes)[number];

/** What is measured. */
export const measured = { kind: 'backbone', name: 'efficientnet-lite0', side: 224 } as const;
/** Names the ONNX file of the backbone, in the environment of a measuring process. */
export const modelVariable = 'ATELIER_BENCH_MODEL';
const batch = 16;

/** uint8 [16, 224, 224, 3], the same in peers/onnxruntime_backbone.py. */
const pictures = (): Uint8Array =>
  Uint8Array.from(
    { length: batch * measured.side * measured.side * 3 },
    (_, index) => Math.imul(index, 2654435761) >>> 24,
  );

/** The backbone from uint8 pixels to features [batch, 1280], without a classifier, as an ONNX file. */
export async function backboneFile(): Promise<Uint8Array> {
  const { recipe, classCount, normalisation, weights } = await backboneNetwork(measured);
  const plan = planOf(recipe, classCount);
  const classes = Array.from({ length: classCount }, (_, index) => String(index));
  const { fit } = recipe.preprocessing;
  const bytes = encodeOnnx({ plan, weights, normalisation, classes, fit, version: 'bench', runId: 'bench' });
  const model = proto.onnx.ModelProto.decode(bytes);
  const graph = model.graph!;
  // What the classifier looks at is given instead of what it says.
  const classifier = graph.node!.findIndex(({ opType }) => opType === 'Gemm');
  const [features] = graph.node![classifier]!.input!;
  graph.node!.splice(classifier);
  graph.output = [{ ...graph.output![0], name: features! }];
  const { length } = plan.operations[featureOperations(plan) - 1]!.outputShape;
  if (length !== 1) throw new RangeError('Expected features that are a vector.');
  delete graph.output[0]!.type!.tensorType!.shape;
  return proto.onnx.ModelProto.encode(model).finish();
}

/** Serves rounds until stdin ends. */
export async function runBackboneMode(mode: BackboneMode, write: (line: string) => void): Promise<void> {
  const { library, threads, run, close } = mode === 'backbone' ? await studio() : await onnxruntime();
  for (let i = 0; i < 2; i++) await run();
  await serveRounds(write, { library, device: 'CPU', threads }, async (amount) => {
    const start = performance.now();
    let images = 0;
    let features: Float32Array;
    do {
      features = await run();
      images += batch;
    } while (performance.now() - start < amount * 1000);
    return {
      imagesPerSecond: (images * 1000) / (performance.now() - start),
      loss: features.subarray(0, features.length / batch).reduce((sum, value) => sum + value, 0),
    };
  });
  await close();
}

interface Runner {
  library: string;
  threads: number;
  /** float32 [16, 1280] */
  run(): Promise<Float32Array>;
  close(): void | Promise<void>;
}

async function studio(): Promise<Runner> {
  const engine = await openEngine();
  const { info } = engine;
  const reader = (await embeddingNetwork(measured)).open();
  const pixels = pictures();
  const rows = Int32Array.from({ length: batch }, (_, row) => row);
  return {
    library: `${info.kind} ${info.version}`,
    threads: info.threads,
    run: () => reader.read(pixels, rows, null),
    close() {
      reader.dispose();
      engine.close();
    },
  };
}

async function onnxruntime(): Promise<Runner> {
  const ort = await import('onnxruntime-node');
  const session = await ort.InferenceSession.create(process.env[modelVariable]!);
  const { side } = measured;
  const input = new ort.Tensor('uint8', pictures(), [batch, side, side, 3]);
  return {
    library: `onnxruntime-node ${ort.env.versions.node ?? ''}`.trim(),
    threads: 0,
    async run() {
      const answer = await session.run({ [inputName]: input });
      return answer[session.outputNames[0]!]!.data as Float32Array;
    },
    close: () => session.release(),
  };
}
