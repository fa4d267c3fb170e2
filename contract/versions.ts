/**
 * Every place where the code does one thing in one version of Electron, Chrome or Node and another in the next, in one
 * list: what people get (package.json's Electron) and what is tested (resources/supply.json's) differ, so a release is
 * tried on both (docs/release.md). versions.test.ts holds the list and the code together. The branches themselves look
 * at what is there, never at a version number.
 */

export interface VersionBranch {
  /** Path in the repository. */
  file: string;
  /** Text of the code that decides. */
  sign: string;
  /** What newer versions do, and since which. */
  newer: string;
  /** What older ones do instead. */
  older: string;
}

/** The oldest that must work, and what of it binds the code. */
export const oldest = { electron: 22, chrome: 108, node: '16.17' } as const;

export const versionBranches: readonly VersionBranch[] = [
  {
    file: 'engine/node16.ts',
    sign: 'if (!(name in globalThis))',
    newer: 'Node 18 (Electron 23): Blob, web streams, crypto, File and FormData are globals',
    older: "they are taken from Node's modules, or an empty class stands in",
  },
  {
    file: 'learning/cores.ts',
    sign: "typeof availableParallelism === 'function'",
    newer: 'Node 18.14 (Electron 24) tells how many cores the process may use',
    older: 'all cores of the machine',
  },
  {
    file: 'learning/files/durable-file.ts',
    sign: 'files.statfs as typeof files.statfs | undefined',
    newer: 'Node 18.15 (Electron 25): the free space is asked for before a write',
    older: 'a full disk is met while writing',
  },
  {
    file: 'engine/intake/archive/unpacked-folder.ts',
    sign: 'files.statfs as typeof files.statfs | undefined',
    newer:
      'Node 18.15 (Electron 25): an archive that needs more than the free space is refused before it is unpacked',
    older: 'a full disk is met while unpacking',
  },
  {
    file: 'main/protocol.ts',
    sign: "if ('handle' in protocol)",
    newer: 'Electron 25: app:// is answered by protocol.handle',
    older: 'by registerBufferProtocol, with its own form of uploads',
  },
  {
    file: 'main/sender.ts',
    sign: 'sender.origin === undefined ||',
    newer: 'a frame tells its origin, which must be ours',
    older: 'its address alone is checked',
  },
  {
    file: 'preload/index.ts',
    sign: 'webUtils?.getPathForFile(file) ??',
    newer: 'Electron 29: webUtils tells the path of a dropped file (File.path is gone since Electron 32)',
    older: 'File.path',
  },
  {
    file: 'renderer/connection.ts',
    sign: "port.addEventListener('close'",
    newer: "Chrome 122 (Electron 29): a port tells of its other end's death",
    older: 'main sends a fresh port, or says that the studio stopped, and that ends the old one',
  },
  {
    file: 'renderer/connection.ts',
    sign: "window.addEventListener('pagehide', () => port.close()",
    newer: 'a port may stay open when its page goes',
    older: 'Electron 22 crashes, so it is closed first, in every version',
  },
  {
    file: 'electron.vite.config.ts',
    sign: "target: 'node16'",
    newer: 'syntax that Node 16 lacks could stay as it is written',
    older: 'it is built for Node 16, for every version',
  },
  {
    file: 'electron.vite.config.ts',
    sign: "target: 'chrome108'",
    newer: 'syntax that Chrome 108 lacks could stay as it is written',
    older: 'it is built for Chrome 108, for every version',
  },
  {
    file: 'renderer/styles/tokens.css',
    sign: 'Chrome 108 has no color-mix',
    newer: 'Chrome 111 (Electron 24) has color-mix',
    older: 'every tint is written out, for every version',
  },
];
