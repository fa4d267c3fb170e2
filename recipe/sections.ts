/** The parts of the recipe as a person reads it, in their order: of the form, of the reference and of the command line. Each field says in which it stands. */

export interface Section {
  title: string;
  /** Other words for the whole section, divided by commas. */
  also: string;
}

export const sections = {
  start: { title: 'Start from', also: '' },
  preprocessing: { title: 'Preprocessing', also: 'images, input' },
  augmentation: { title: 'Augmentation', also: '' },
  model: { title: 'Model', also: 'network, architecture' },
  length: { title: 'Length', also: 'duration, time' },
  optimizer: { title: 'Optimizer and learning rate', also: 'tuning' },
  loss: { title: 'Loss and classes', also: '' },
  precision: { title: 'Precision and seed', also: '' },
} satisfies Record<string, Section>;
export type SectionId = keyof typeof sections;
export const sectionIds = Object.keys(sections) as SectionId[];
