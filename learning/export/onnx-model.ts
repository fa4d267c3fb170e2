/** The model alone, as one ONNX file: the very bytes of a bundle's model.onnx. */
import { Readable } from 'node:stream';
import type { Exporter } from './exporter.ts';
import { digestsOf } from './manifest.ts';
import { provenModel } from './proven-model.ts';

export const onnxModel: Exporter = {
  async make(input) {
    const { model, parity } = await provenModel(input);
    const files = digestsOf([{ name: 'model.onnx', bytes: model }]);
    return { content: Readable.from([model]), files, parity };
  },
};
