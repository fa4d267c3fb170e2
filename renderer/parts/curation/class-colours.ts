/**
 * Colours that a person gives to classes: a few that can be told from the ground in both themes, and how well any other one can.
 * Which colour a class has by itself is the studio's to say. Pure.
 */

/** What classes stand on, as `--surface` in styles/tokens.css has it. */
export const grounds = [
  { theme: 'light', colour: '#ffffff' },
  { theme: 'dark', colour: '#1d1c19' },
] as const;

/** What WCAG asks of graphics. */
export const leastContrast = 3;

/** Each at `leastContrast` or more from either ground. */
export const swatches: readonly { colour: string; name: string }[] = [
  { colour: '#4477aa', name: 'Blue' },
  { colour: '#1f8fb8', name: 'Cyan' },
  { colour: '#2b9083', name: 'Teal' },
  { colour: '#22884a', name: 'Green' },
  { colour: '#5b8a2c', name: 'Leaf' },
  { colour: '#8f7f1f', name: 'Olive' },
  { colour: '#c8642e', name: 'Orange' },
  { colour: '#d9475b', name: 'Red' },
  { colour: '#b5458a', name: 'Pink' },
  { colour: '#7a6fd0', name: 'Violet' },
  { colour: '#9c6b4a', name: 'Brown' },
  { colour: '#6b7a8c', name: 'Grey' },
];

/** Relative luminance as WCAG has it. @param colour `#rrggbb` */
function luminance(colour: string): number {
  const [red, green, blue] = [1, 3, 5].map((at) => {
    const value = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red! + 0.7152 * green! + 0.0722 * blue!;
}

/** From 1, the same, to 21, black and white. */
export function contrast(one: string, other: string): number {
  const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (high! + 0.05) / (low! + 0.05);
}

/** The themes in which this colour can hardly be told from the ground. */
export const faintIn = (colour: string): ('light' | 'dark')[] =>
  grounds.filter((ground) => contrast(colour, ground.colour) < leastContrast).map(({ theme }) => theme);
