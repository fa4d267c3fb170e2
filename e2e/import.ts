/** Choosing a folder of this machine, in a browser or in a window of its own. */
import type { Studio } from './studio.ts';

export async function chooseFolder({ page, app }: Studio, folder: string): Promise<void> {
  if (!app) return page.locator('input[webkitdirectory]').first().setInputFiles(folder);
  // The system's dialog cannot be driven; its answer can be given.
  await app.evaluate(({ dialog }, path) => {
    dialog.showOpenDialog = () => Promise.resolve({ canceled: false, filePaths: [path] });
  }, folder);
  await page.getByRole('button', { name: /Drop a folder here/ }).click();
}
