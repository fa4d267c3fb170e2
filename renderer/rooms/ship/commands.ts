/** The commands of the Ship room. */
import Download from '@lucide/svelte/icons/download';
import FolderOpen from '@lucide/svelte/icons/folder-open';
import ImageUp from '@lucide/svelte/icons/image-up';
import Package from '@lucide/svelte/icons/package';
import { runs } from '../../stores.ts';
import type { Command } from '../../commands/command.ts';
import { fileName } from '../../parts/save.ts';
import { downloadLink, imagePicker, ship } from './stores.ts';

const room = 'ship';
const someRun = () => runs.current !== null || 'No run has finished yet';
const bundle = () => (runs.current ? ship.bundle(runs.current.id) : null);
const someBundle = () => Boolean(bundle()) || 'Export the bundle first';

export const classifyImage: Command = {
  id: 'ship.classify',
  room,
  label: 'Classify an image',
  short: 'Choose image',
  icon: ImageUp,
  aliases: 'predict try test file',
  when: someRun,
  run: () => imagePicker.current?.click(),
};
export const exportBundle: Command = {
  id: 'ship.export',
  room,
  get label() {
    return bundle() ? 'Export bundle again' : 'Export bundle';
  },
  icon: Package,
  aliases: 'onnx safetensors save model download zip',
  when: () => (runs.current && ship.exporting(runs.current.id) ? 'It is being exported' : someRun()),
  async run() {
    const { id, name } = runs.current!;
    const path = window.atelier ? await window.atelier.chooseSavePath(`${fileName(name)}.zip`) : undefined;
    if (path !== null) await ship.export(id, path);
  },
};
export const revealBundle: Command = {
  id: 'ship.reveal',
  room,
  label: 'Show the bundle in its folder',
  short: 'Show in folder',
  icon: FolderOpen,
  when: someBundle,
  run: () => window.atelier?.revealBundle(runs.current!.id),
};
const downloadBundle: Command = {
  id: 'ship.download',
  room,
  label: 'Download the bundle',
  icon: Download,
  aliases: 'save zip',
  when: someBundle,
  run: () => downloadLink.current?.click(),
};
const chooseRuns = (): Command[] =>
  runs.choices(runs.current).map(({ id, name }) => ({
    id: `ship.run-${id}`,
    room,
    label: `Choose run ${name}`,
    run: () => runs.choose(id),
  }));

export const commands = (): readonly Command[] => [
  classifyImage,
  exportBundle,
  window.atelier ? revealBundle : downloadBundle,
  ...chooseRuns(),
];
