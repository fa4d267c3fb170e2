/** The network of a recipe: its layers, what they begin with and how large it may be. */
import * as z from 'zod';
import { BackboneName } from './backbone-name.ts';
import { field, fieldsOf } from './field.ts';
import { Layer } from './layer.ts';

const initialiserLabels = {
  'he-normal': 'He, normal',
  'he-uniform': 'He, uniform',
  'glorot-normal': 'Glorot, normal',
  'glorot-uniform': 'Glorot, uniform',
  'lecun-normal': 'LeCun, normal',
  'lecun-uniform': 'LeCun, uniform',
  orthogonal: 'Orthogonal',
} as const;

export const Initialiser = z.enum(Object.keys(initialiserLabels) as [Initialiser, ...Initialiser[]]);
export type Initialiser = keyof typeof initialiserLabels;

export const Model = fieldsOf({
  /** Layers that are not as the backbone has them begin fresh. */
  backbone: field(BackboneName.nullable().default(null), {
    section: 'model',
    label: 'Backbone',
    help: 'A pre-trained network whose weights the first layers begin with. Your own: atelier backbones add FILE.onnx or model.json.',
    also: 'pre-trained, transfer learning, onnx, tensorflow.js, tfjs, own backbone, efficientnet, imagenet, embeddings',
    search: false,
  }),
  layers: field(z.array(Layer).min(1).max(64), {
    section: 'model',
    label: 'Layers',
    help: 'The classifier, one output per class, follows the last layer by itself.',
    also: 'network, architecture, depth',
    search: false,
  }),
  initialiser: field(Initialiser.default('he-normal'), {
    section: 'model',
    label: 'Initial weights',
    help: 'He suits ReLU; LeCun and orthogonal suit deep plain networks.',
    also: 'initialiser, initialisation, init, he, kaiming, glorot, xavier, lecun, orthogonal',
    options: initialiserLabels,
  }),
  /** Penalties on all kernels, inside the loss: l1·Σ|w| and l2·Σw². */
  l1: field(z.number().min(0).max(1).default(0), {
    section: 'model',
    label: 'L1 penalty',
    help: 'l1 · Σ|w| is added to the loss; pushes weights to exactly 0.',
    also: 'lasso, regularisation, sparsity, kernel regulariser',
    logarithmic: true,
    span: [1e-7, 0.01],
    search: [1e-7, 1e-3],
  }),
  l2: field(z.number().min(0).max(1).default(0), {
    section: 'model',
    label: 'L2 penalty',
    help: 'l2 · Σw² is added to the loss; keeps weights small.',
    also: 'ridge, regularisation, weight decay, kernel regulariser',
    logarithmic: true,
    span: [1e-6, 0.1],
    search: [1e-6, 1e-2],
  }),
  /** Trainable and running parameters together may not pass this. */
  parameterBudget: field(z.int().min(1).max(50_000_000).default(100_000), {
    section: 'model',
    label: 'Parameter budget',
    help: 'A network above it is refused.',
    also: 'limit, size, weights, maximum',
    step: 1000,
    search: false,
  }),
});
export type Model = z.infer<typeof Model>;
