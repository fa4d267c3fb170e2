/**
 * The only code between page and Electron: named methods of contract/bridge.ts, and the port to the studio
 * process. Everything that needs trust is checked in main/ipc.ts.
 */
import { contextBridge, ipcRenderer, webUtils } from 'electron';
import { type Bridge, portMessage, stoppedMessage } from '#contract/bridge.ts';
import { commandMessage } from '#contract/menu.ts';

const bridge: Bridge = {
  requestPort: () => void ipcRenderer.invoke('atelier:request-port'),
  pathOf(file) {
    if (!(file instanceof File)) return '';
    // Electron 22 has the path on the file itself, later ones only here.
    return webUtils?.getPathForFile(file) ?? (file as File & { path?: string }).path ?? '';
  },
  chooseFolder: (title) => ipcRenderer.invoke('atelier:choose-folder', title) as Promise<string | null>,
  chooseSavePath: (name) => ipcRenderer.invoke('atelier:choose-save-path', name) as Promise<string | null>,
  revealProject: () => ipcRenderer.invoke('atelier:reveal-project') as Promise<void>,
  revealExport: (runId) => ipcRenderer.invoke('atelier:reveal-export', runId) as Promise<void>,
  onCommand: (run) => void ipcRenderer.on(commandMessage, (_event, id: string) => run(id)),
  platform: process.platform as Bridge['platform'],
};
contextBridge.exposeInMainWorld('atelier', bridge);

// A port cannot cross the context bridge; a window message carries it, to our own page only.
ipcRenderer.on(portMessage, ({ ports }) =>
  window.postMessage(portMessage, window.location.origin, [...ports]),
);
ipcRenderer.on(stoppedMessage, () => window.postMessage(stoppedMessage, window.location.origin));
