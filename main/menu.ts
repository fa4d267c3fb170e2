/**
 * The application menu: the system's own roles, and commands of the window (contract/menu.ts). What a command does is left
 * to the window: its id is sent there (index.ts).
 */
import type { MenuItemConstructorOptions } from 'electron';
import { type MenuCommand, type MenuCommandId, menuCommands, rooms } from '#contract/menu.ts';

/** As Electron writes a shortcut. A sign alone, such as `?`, is none in a menu. */
const acceleratorOf = ({ shortcuts }: MenuCommand): string | undefined =>
  shortcuts?.find((shortcut) => shortcut.length > 1)?.replace('Mod+', 'CmdOrCtrl+');

/** @param run sends a command to the window */
export function menuTemplate(
  run: (id: MenuCommandId) => void,
  { onMac, packaged }: { onMac: boolean; packaged: boolean },
): MenuItemConstructorOptions[] {
  const separator: MenuItemConstructorOptions = { type: 'separator' };
  const item = (id: MenuCommandId): MenuItemConstructorOptions => {
    const command: MenuCommand = menuCommands[id];
    const accelerator = acceleratorOf(command);
    return {
      label: command.short ?? command.label,
      click: () => run(id),
      // Shown here; the window takes the key itself, where no text is being typed.
      ...(accelerator === undefined ? {} : { accelerator, registerAccelerator: false }),
    };
  };
  return [
    ...(onMac ? [{ role: 'appMenu' as const }] : []),
    {
      label: 'File',
      submenu: [
        item('project.new'),
        item('project.open'),
        item('project.import'),
        separator,
        item('project.close'),
        onMac ? { role: 'close' } : { role: 'quit' },
      ],
    },
    { role: 'editMenu' },
    {
      label: 'View',
      submenu: [
        item('window.palette'),
        item('window.shortcuts'),
        separator,
        { role: 'resetZoom' },
        { role: 'zoomIn' },
        { role: 'zoomOut' },
        separator,
        { role: 'togglefullscreen' },
        ...(packaged
          ? []
          : ([{ role: 'reload' }, { role: 'toggleDevTools' }] as MenuItemConstructorOptions[])),
      ],
    },
    { label: 'Go', submenu: rooms.map((room) => item(`go.${room}`)) },
    { role: 'windowMenu' },
  ];
}
