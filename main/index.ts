/**
 * Electron's main process: window, menu, dialogs, app:// pages, one instance; it brokers the window's port to
 * the studio process and then leaves the path. Everything else is the studio's.
 */
import '#engine/node16.ts';
import { app, BrowserWindow, dialog, Menu, nativeTheme, powerMonitor, session, shell } from 'electron';
import { join } from 'node:path';
import * as z from 'zod';
import { portMessage, stoppedMessage } from '#contract/bridge.ts';
import { toWireError } from '#contract/errors.ts';
import { RunId } from '#contract/ids.ts';
import { commandMessage, type MenuCommandId } from '#contract/menu.ts';
import { fromRpcError } from '#contract/rpc.ts';
import { readPageFiles } from '#engine/serve/files.ts';
import { parseArguments } from './arguments.ts';
import { answerOn } from './ipc.ts';
import { mayQuit, type Question, questionOf } from './leaving.ts';
import { menuTemplate } from './menu.ts';
import { declareScheme, servePages } from './protocol.ts';
import { guardContents, guardSession, startAddress } from './security.ts';
import { hostStudio, type StudioHost } from './studio-host.ts';

if (process.env.ATELIER_USER_DATA) app.setPath('userData', process.env.ATELIER_USER_DATA);
const { openProject, sample } = parseArguments(process.argv, process.cwd());

// Chromium has no sandbox for root (containers, tests): started with --no-sandbox, the studio says so. Pages have
// no Node either way.
if (app.commandLine.hasSwitch('no-sandbox')) {
  process.stderr.write("atelier: Chromium's sandbox is off, because --no-sandbox was given.\n");
} else {
  app.enableSandbox();
}
declareScheme();
guardContents(app, shell);

let window: BrowserWindow | null = null;
let studio: StudioHost | null = null;

if (!app.requestSingleInstanceLock()) app.quit();
else {
  app
    .whenReady()
    .then(start)
    .catch((error) => {
      dialog.showErrorBox('Atelier could not start', toWireError(error).message);
      app.exit(1);
    });
}

function start(): void {
  guardSession(session.defaultSession);
  studio = hostStudio({
    script: join(__dirname, 'studio.cjs'),
    process: { version: app.getVersion(), openProject, sample },
    onStarted: sendPort,
    onStopped(exitCode, final) {
      window?.webContents.send(stoppedMessage);
      if (!final) return;
      dialog.showErrorBox(
        'The studio stopped',
        `Its process ended again and again (code ${exitCode}). What was saved before is in the project. Start Atelier from a terminal to see why.`,
      );
    },
  });
  servePages(readPageFiles(join(__dirname, '../renderer')), (request) => host().resource(request));
  const menu = menuTemplate(runInWindow, {
    onMac: process.platform === 'darwin',
    packaged: app.isPackaged,
  });
  Menu.setApplicationMenu(Menu.buildFromTemplate(menu));
  answerWindow();
  openWindow();

  app.on('second-instance', (_event, argv, folder) => {
    if (window?.isMinimized()) window.restore();
    window?.focus();
    const next = parseArguments(argv, folder).openProject;
    if (next !== null) void open(next);
  });
  app.on('activate', () => {
    if (!window) openWindow();
  });
  app.on('window-all-closed', () => {
    if (process.platform !== 'darwin') app.quit();
  });
  app.on('before-quit', (event) => {
    if (ending === 'closed') return;
    event.preventDefault();
    void quit();
  });
  // The system ends, or somebody kills the program: nobody is there to be asked, and steps so far are kept.
  powerMonitor.on('shutdown', endNow);
  process.on('SIGTERM', endNow);
}

/** Where the program is on its way out: a question is open, the studio is closing, it has closed. */
let ending: 'no' | 'asking' | 'closing' | 'closed' = 'no';

/** Asks where something trains, then closes the studio and quits. */
async function quit(): Promise<void> {
  if (ending !== 'no') return;
  ending = 'asking';
  if (await mayQuit(() => host().jobs(), askPerson)) endNow();
  else if (ending === 'asking') ending = 'no';
}

function endNow(): void {
  if (ending === 'closing' || ending === 'closed') return;
  ending = 'closing';
  window?.hide();
  void host()
    .close()
    .finally(() => {
      ending = 'closed';
      app.quit();
    });
}

async function askPerson({ message, detail, buttons }: Question): Promise<'keep' | 'leave'> {
  const box = {
    type: 'question' as const,
    message,
    detail,
    buttons,
    defaultId: 0,
    cancelId: 0,
    noLink: true,
  };
  const { response } = await (window ? dialog.showMessageBox(window, box) : dialog.showMessageBox(box));
  return response === 1 ? 'leave' : 'keep';
}

function host(): StudioHost {
  if (!studio) throw new Error('The studio process is asked for before the app is ready.');
  return studio;
}

function openWindow(): void {
  window = new BrowserWindow({
    width: 1280,
    height: 800,
    minWidth: 960,
    minHeight: 640,
    show: false,
    // The colour of the page below, so that nothing flashes while it loads.
    backgroundColor: nativeTheme.shouldUseDarkColors ? '#151412' : '#f5f4f1',
    webPreferences: {
      preload: join(__dirname, '../preload/index.cjs'),
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      webviewTag: false,
      spellcheck: false,
    },
  });
  window.once('ready-to-show', () => window?.show());
  window.on('close', (event) => {
    // Where the last window ends the program, it stays until the person has said so.
    if (ending === 'closed' || process.platform === 'darwin') return;
    event.preventDefault();
    void quit();
  });
  window.on('closed', () => (window = null));
  void window.loadURL(startAddress);
}

function sendPort(): void {
  const port = host().connect();
  if (port) window?.webContents.postMessage(portMessage, null, [port]);
}

/** Handlers for contract/bridge.ts, one per method that needs main. */
function answerWindow(): void {
  answerOn('atelier:request-port', z.undefined(), () => sendPort());
  answerOn('atelier:choose-folder', z.string().max(200), async (title) => {
    const { canceled, filePaths } = await dialog.showOpenDialog({
      title,
      properties: ['openDirectory', 'createDirectory'],
    });
    return canceled ? null : (filePaths[0] ?? null);
  });
  answerOn('atelier:choose-save-path', z.string().max(255), async (suggestedName) => {
    const { canceled, filePath } = await dialog.showSaveDialog({
      defaultPath: suggestedName,
      // The others ask by themselves before a file is replaced; Linux only when told to.
      properties: ['showOverwriteConfirmation'],
    });
    return canceled ? null : filePath || null;
  });
  answerOn('atelier:reveal-project', z.undefined(), async () => {
    const project = await host().client().project.current();
    if (project) shell.showItemInFolder(project.path);
  });
  answerOn('atelier:reveal-export', RunId, async (runId) => {
    // The page names a run, never a path.
    const exported = await host().client().exports.get({ runId });
    if (exported) shell.showItemInFolder(exported.path);
  });
}

/** Has the window do a command of the menu; where none is open, one is, and does it once it is there. */
function runInWindow(id: MenuCommandId): void {
  if (window) return window.webContents.send(commandMessage, id);
  openWindow();
  window!.webContents.once('did-finish-load', () => window?.webContents.send(commandMessage, id));
}

async function open(path: string): Promise<void> {
  const fail = (error: unknown) =>
    dialog.showErrorBox('The project could not be opened', fromRpcError(error).message);
  const { project } = host().client();
  try {
    await project.open({ path });
  } catch (error) {
    const { training } = fromRpcError(error).details;
    if (!Array.isArray(training)) return fail(error);
    if ((await askPerson(questionOf(training.map(String), 'leave'))) !== 'leave') return;
    await project.open({ path, whileTraining: true }).catch(fail);
  }
}
