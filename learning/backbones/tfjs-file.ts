/**
 * A model of TensorFlow.js, a model.json with its weights beside it, as nodes, constants, one input and its outputs: read as
 * data, never run. Weights are left to tfjs-weights.ts, the two kinds of model to tfjs-graph.ts and tfjs-layers.ts.
 */
import { type GraphFile, greatestRest, refuse, requireSize, shown } from './graph.ts';
import { readTfjsGraph } from './tfjs-graph.ts';
import { own, textOf } from './tfjs-json.ts';
import { readTfjsLayers } from './tfjs-layers.ts';
import { readTfjsWeights } from './tfjs-weights.ts';

/** Whether a file's beginning is that of JSON; no ONNX file begins so. */
export const isJson = (bytes: Buffer): boolean =>
  /^(\ufeff)?\s*[{[]/.test(bytes.subarray(0, 1000).toString('utf8'));

/**
 * @param json of model.json @param path where it lies
 * @returns the model, and its shards in order
 * @throws BACKBONE_REFUSED; FILE_NOT_READABLE of a shard
 */
export async function readTfjsFile(
  json: Buffer,
  path: string,
): Promise<{ file: GraphFile; shards: Buffer[] }> {
  requireSize('a model.json', json.length, greatestRest);
  const model = parsed(json);
  const topology = own(model, 'modelTopology');
  const said = textOf(own(model, 'format'));
  const isGraph = Array.isArray(own(topology, 'node'));
  const isLayers = own(topology, 'model_config') !== undefined || own(topology, 'class_name') !== undefined;
  const format = isGraph ? 'graph-model' : isLayers ? 'layers-model' : null;
  if (format === null || (said !== null && said !== format))
    return refuse(
      'a model.json of TensorFlow.js: format layers-model or graph-model, with its modelTopology',
      said === null
        ? 'another file of JSON'
        : `format ${shown(said)} with ${format ? `a ${format}` : 'no network'}`,
      'Name the model.json that tensorflowjs_converter or model.save of TensorFlow.js wrote.',
    );
  const weights = await readTfjsWeights(own(model, 'weightsManifest'), path);
  const signature = own(model, 'signature') ?? own(own(model, 'userDefinedMetadata'), 'signature');
  const file = isGraph ? readTfjsGraph(topology, signature, weights) : readTfjsLayers(topology, weights);
  return { file, shards: weights.shards };
}

function parsed(json: Buffer): unknown {
  try {
    return JSON.parse(json.toString('utf8').replace(/^\ufeff/, ''));
  } catch (cause) {
    return refuse(
      'a model.json of TensorFlow.js',
      `one that is no JSON (${(cause as Error).message.slice(0, 120)})`,
      'Fetch or convert it again.',
      cause,
    );
  }
}
