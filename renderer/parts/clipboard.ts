/** Puts text on the clipboard: by the permitted way, else (Electron grants a page no permission) by a selection and a copy. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = document.createElement('textarea');
    area.value = text;
    area.style.position = 'fixed';
    area.style.opacity = '0';
    // Inside an open dialog the focus may not leave it.
    (document.querySelector('[role=dialog]') ?? document.body).append(area);
    area.select();
    // The only way left where the permission is refused; deprecated, and in every browser.
    const done = document.execCommand('copy');
    area.remove();
    return done;
  }
}
