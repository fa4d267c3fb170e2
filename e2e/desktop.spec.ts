/** The window's walls, tried from inside the page: what Electron's security checklist asks for, in the running app. */
import { train } from './rooms.ts';
import { expect, test } from './studio.ts';

test('the page has no Node, no other origin, no new window and no permission', async ({ open, trained }) => {
  const { page, app } = await open({ project: trained });
  await expect(page.getByRole('main')).toBeVisible();
  expect(page.url()).toMatch(/^app:\/\/atelier\//);

  const inside = await page.evaluate(async () => {
    const refused = async (work: () => unknown) => {
      try {
        await work();
        return false;
      } catch {
        return true;
      }
    };
    // What the test itself evaluates may use eval; what runs later is the page's own and may not.
    await new Promise((later) => setTimeout(later));
    const inline = document.createElement('script');
    inline.textContent = 'globalThis.inlineRan = true';
    document.head.append(inline);
    return {
      globals: ['require', 'process', 'module', 'Buffer', '__dirname', 'inlineRan'].filter(
        (name) => name in globalThis,
      ),
      evalRefused: await refused(() => (0, eval)('1')),
      fetchRefused: await refused(() => fetch('https://example.com/')),
      fileRefused: await refused(() => fetch('file:///etc/hostname')),
      escapeRefused: (await fetch('app://atelier/..%2f..%2fpackage.json')).status >= 400,
      windowRefused: window.open('https://example.com/') === null,
      notifications: await Notification.requestPermission(),
    };
  });
  expect(inside).toEqual({
    globals: [],
    evalRefused: true,
    fetchRefused: true,
    fileRefused: true,
    escapeRefused: true,
    windowRefused: true,
    notifications: 'denied',
  });

  await app!.evaluate(({ BrowserWindow }) => {
    const { webContents } = BrowserWindow.getAllWindows()[0]!;
    const asked = new Promise((tell) => webContents.once('will-navigate', (_, address) => tell(address)));
    Object.assign(globalThis, { asked });
  });
  await page.evaluate(() => (window.location.href = 'https://example.com/'));
  expect(await app!.evaluate(() => Reflect.get(globalThis, 'asked'))).toBe('https://example.com/');
  expect(page.url()).toMatch(/^app:\/\/atelier\//);
  expect(app!.windows()).toHaveLength(1);

  const preferences = await app!.evaluate(({ BrowserWindow }) => {
    const [window] = BrowserWindow.getAllWindows();
    const contents = window!.webContents as unknown as { getLastWebPreferences(): Record<string, unknown> };
    const { contextIsolation, sandbox, nodeIntegration, webviewTag, webSecurity } =
      contents.getLastWebPreferences();
    return { contextIsolation, sandbox, nodeIntegration, webviewTag, webSecurity };
  });
  expect(preferences).toEqual({
    contextIsolation: true,
    sandbox: true,
    nodeIntegration: false,
    webviewTag: false,
    webSecurity: true,
  });
});

test('asks before a training ends with the window, with the program or with its project', async ({
  open,
  trained,
}) => {
  const { page, app } = await open({ project: trained });
  await train(page, 500);
  /** What was asked; the answers are given in turn. */
  await app!.evaluate(({ dialog }) => {
    const asked: string[] = [];
    Object.assign(globalThis, { asked });
    dialog.showMessageBox = (async (...given: unknown[]) => {
      const { message, buttons } = given[given.length - 1] as { message: string; buttons: string[] };
      asked.push(`${message} ${buttons.join(' / ')}`);
      return { response: 0, checkboxChecked: false };
    }) as typeof dialog.showMessageBox;
  });
  const asked = () => app!.evaluate(() => (globalThis as unknown as { asked: string[] }).asked);
  const question = /^“.+” is still training\. Keep Training \/ Cancel It and Quit$/;

  await app!.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]!.close());
  await expect.poll(async () => (await asked()).length).toBe(1);
  await app!.evaluate(({ app: program }) => program.quit());
  await expect.poll(async () => (await asked()).length).toBe(2);
  for (const text of await asked()) expect(text).toMatch(question);
  await expect(page.getByRole('button', { name: 'Cancel training' })).toBeVisible();

  // In the window, where the project is left for another.
  await page.getByRole('button', { name: /^Project / }).click();
  await page.getByRole('menuitem', { name: 'Close project' }).click();
  const dialog = page.getByRole('dialog', { name: 'Leave while training?' });
  await expect(dialog).toContainText('is still training');
  await dialog.getByRole('button', { name: 'Keep training' }).click();
  await expect(dialog).toHaveCount(0);
  await expect(page.getByRole('button', { name: 'Cancel training' })).toBeVisible();
  await page.getByRole('button', { name: /^Project / }).click();
  await page.getByRole('menuitem', { name: 'Close project' }).click();
  await dialog.getByRole('button', { name: 'Cancel it and leave' }).click();
  await expect(page.getByText('Drop a folder here')).toBeVisible();
});

test('the application menu does commands of the window, and says why it cannot', async ({
  open,
  trained,
}) => {
  const { page, app } = await open({ project: trained });
  await expect(page.getByRole('grid', { name: 'Images' })).toBeVisible();
  const choose = (menu: string, label: string) =>
    app!.evaluate(
      ({ Menu }, [top, item]) => {
        const items = Menu.getApplicationMenu()!.items.find((one) => one.label === top)!.submenu!.items;
        items.find((one) => one.label === item)!.click();
      },
      [menu, label],
    );
  await choose('Go', 'Go to Train');
  await expect(page.getByRole('navigation', { name: 'Rooms' }).locator('[aria-current=page]')).toHaveText(
    'Train',
  );
  await choose('View', 'Keyboard shortcuts');
  await expect(page.getByRole('dialog', { name: 'Keyboard shortcuts' })).toBeVisible();
  await page.keyboard.press('Escape');
  await choose('File', 'Close project');
  await expect(page.getByText('Drop a folder here')).toBeVisible();
  await choose('File', 'Close project');
  await expect(page.getByText('Open a project first.')).toBeVisible();
});
