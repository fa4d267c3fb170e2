/** Colours of styles/tokens.css for drawings: as they are on the screen, or those of the light shade for a picture on white. */

/** Value of a custom property, such as `--accent`. */
export type Colour = (name: string) => string;

/** The colours as they are now. */
export function coloursOfPage(): Colour {
  const style = getComputedStyle(document.documentElement);
  return (name) => style.getPropertyValue(name).trim();
}

/** The colours of the light shade, whichever is on the screen; nothing is painted in between. */
export function lightColours(names: readonly string[]): Colour {
  const { dataset } = document.documentElement;
  const shade = dataset.theme;
  dataset.theme = 'light';
  const read = coloursOfPage();
  const known = new Map(names.map((name) => [name, read(name)]));
  const ink = read('--ink');
  if (shade === undefined) delete dataset.theme;
  else dataset.theme = shade;
  return (name) => known.get(name) ?? ink;
}
