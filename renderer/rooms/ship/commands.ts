/** The commands of the Ship room. */
import Download from '@lucide/svelte/icons/download';
import FolderOpen from '@lucide/svelte/icons/folder-open';
import ImageUp from '@lucide/svelte/icons/image-up';
import Package from '@lucide/svelte/icons/package';
import ScanSearch from '@lucide/svelte/icons/scan-search';
import { type ExportFormat, exporters } from '#contract/exporters.ts';
import { runs } from '../../stores.ts';
import type { Command } from '../../commands/command.ts';
import { exportName } from './ship.svelte.ts';
import { downloadLink, imagePicker, ship } from './stores.ts';

const someRun = () => runs.current !== null || 'No run has finished yet';
const exported = () => (runs.current ? ship.exported(runs.current.id) : null);
const someExport = () => Boolean(exported()) || 'Export the run first';

export const classifyImage: Command = {
  id: 'ship.classify',
  label: 'Classify an image',
  short: 'Choose image',
  icon: ImageUp,
  aliases: 'predict try test file',
  when: someRun,
  run: () => imagePicker.current?.click(),
};
export const showWhy: Command = {
  id: 'ship.why',
  get label() {
    return ship.why ? 'Hide why the run says so' : 'Show why the run says so';
  },
  get short() {
    return ship.why ? 'Hide why' : 'Why…';
  },
  icon: ScanSearch,
  aliases: 'explain grad-cam heat map saliency attention',
  shortcuts: ['Shift+W'],
  within: ['room'],
  when: () => ship.shown !== null || 'Classify an image first',
  run: () => (ship.why = !ship.why),
};
async function save(format: ExportFormat): Promise<void> {
  const run = runs.current!;
  ship.format = format;
  const path = window.atelier ? await window.atelier.chooseSavePath(exportName(run, format)) : undefined;
  if (path !== null) await ship.export(run.id, format, path);
}
const canExport = () =>
  runs.current && ship.exporting(runs.current.id) ? 'It is being exported' : someRun();

export const exportRun: Command = {
  id: 'ship.export',
  label: 'Export the run',
  get short() {
    return exported()?.format === ship.format ? 'Export again' : 'Export';
  },
  icon: Package,
  aliases: 'onnx safetensors save model download zip bundle',
  when: canExport,
  run: () => save(ship.format),
};
/** One for each format. */
const exportAs = exporters.map(({ key, label }): Command => ({
  id: `ship.export-${key}`,
  label: `Export as ${label}`,
  aliases: 'save model download format zip safetensors',
  when: canExport,
  run: () => save(key),
}));
export const revealExport: Command = {
  id: 'ship.reveal',
  label: 'Show the export in its folder',
  short: 'Show in folder',
  icon: FolderOpen,
  when: someExport,
  run: () => window.atelier?.revealExport(runs.current!.id),
};
const downloadExport: Command = {
  id: 'ship.download',
  label: 'Download the export',
  icon: Download,
  aliases: 'save zip onnx bundle',
  when: someExport,
  run: () => downloadLink.current?.click(),
};
const chooseRuns = (): Command[] =>
  runs.choices(runs.current).map(({ id, name }) => ({
    id: `ship.run-${id}`,
    label: `Choose run ${name}`,
    run: () => runs.choose(id),
  }));

export const commands = (): readonly Command[] => [
  classifyImage,
  showWhy,
  exportRun,
  ...exportAs,
  window.atelier ? revealExport : downloadExport,
  ...chooseRuns(),
];
