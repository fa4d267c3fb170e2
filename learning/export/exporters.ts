/** What writes each format of contract/exporters.ts; the compiler asks for a line where one is missing. */
import type { ExportFormat } from '#contract/exporters.ts';
import { bundle } from './bundle.ts';
import type { Exporter } from './exporter.ts';
import { onnxModel } from './onnx-model.ts';

export const exporters: Record<ExportFormat, Exporter> = { bundle, onnx: onnxModel };
