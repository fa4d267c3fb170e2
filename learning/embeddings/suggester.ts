/**
 * Suggests classes for unlabelled images: keeps which are labelled, learns a head from them, and orders the others by how
 * sure it is, by what a label would bring, or by how alike they are to one. Which image a place is, is the caller's.
 */
import * as tf from '@tensorflow/tfjs';
import { LogisticRegression, softmax } from '#learning/regression/logistic-regression.ts';
import { NearestLabelled } from './nearest-labelled.ts';
import { largest, type VectorTable } from './vector-table.ts';

/** Label of an image without a class. */
export const unlabelled = 0;
/** Of one that is neither learned from nor suggested for. */
export const leftOut = -1;

/** Few images are followed less closely than many. */
const decay = 0.1;
/** Warm-started, more bring no other suggestions. */
const evaluations = 25;
/** Labelled images that the head learns from at most: it must be done before the next label. */
const mostLearned = 1500;
/** Of these the ones labelled last, which say what is still unsure. */
const mostRecent = 500;
/** Of orders that were asked for since the last label. */
const ordersKept = 4;
/** Of a distance: where all images are the same, rounding alone would tell them apart. */
const leastSquare = 1e-6;

export type Order = 'certain' | 'useful' | { similarTo: number };

export interface Suggested {
  place: number;
  classId: number | null;
  certainty: number;
  similarity: number | null;
}

export class Suggester {
  #labels = new Int32Array(0);
  /** In the order in which they were labelled. */
  readonly #labelled = new Set<number>();
  readonly #head: LogisticRegression;
  #ready = false;
  /** Of each place: the class the head finds likeliest, its probability, and by how much it leads the next. */
  #classes = new Int32Array(0);
  #certainty = new Float32Array(0);
  #lead = new Float32Array(0);
  /** How typical an image is: its mean cosine with all. */
  #typical: Float32Array | null = null;
  readonly #nearest: NearestLabelled;
  readonly #orders = new Map<string, { places: Int32Array; similarity: Float32Array | null }>();

  constructor(readonly table: VectorTable) {
    this.#head = new LogisticRegression(table.size);
    this.#nearest = new NearestLabelled(table);
    this.grow();
  }

  /** Takes in what was appended to the table, without labels. */
  grow(): void {
    const before = this.#labels.length;
    const { length } = this.table;
    if (length === before) return;
    const grown = <T extends Int32Array | Float32Array>(array: T, fresh: T): T => (fresh.set(array), fresh);
    this.#labels = grown(this.#labels, new Int32Array(length));
    this.#classes = grown(this.#classes, new Int32Array(length));
    this.#certainty = grown(this.#certainty, new Float32Array(length));
    this.#lead = grown(this.#lead, new Float32Array(length));
    this.#nearest.grow();
    // Of those that came nothing is known yet.
    this.#ready = false;
    this.#typical = null;
    this.#orders.clear();
  }

  get labelled(): number {
    return this.#labelled.size;
  }

  get ready(): boolean {
    return this.#ready;
  }

  /** The class that is suggested for an unlabelled image; null where it is labelled or there is no head. */
  suggestedFor(place: number): number | null {
    return this.#ready && this.#labels[place] === unlabelled ? this.#classes[place]! : null;
  }

  /**
   * Gives places their labels: a class id, `unlabelled` or `leftOut`.
   * @returns of those that had a suggestion and got a class: whether it was that
   */
  label(places: readonly number[], labels: readonly number[]): { place: number; right: boolean }[] {
    const outcomes: { place: number; right: boolean }[] = [];
    const gone = new Set<number>();
    places.forEach((place, index) => {
      const label = labels[index]!;
      const before = this.#labels[place]!;
      if (label === before) return;
      const suggested = this.suggestedFor(place);
      if (suggested !== null && label > 0) outcomes.push({ place, right: suggested === label });
      this.#labels[place] = label;
      if (label > 0) this.#nearest.add(place);
      if (label > 0) {
        this.#labelled.delete(place);
        this.#labelled.add(place);
      } else if (this.#labelled.delete(place)) {
        gone.add(place);
      }
    });
    if (gone.size > 0) this.#nearest.remove(gone);
    this.#orders.clear();
    return outcomes;
  }

  /** Learns from all labels and looks at all images anew. */
  async learn(): Promise<void> {
    this.#orders.clear();
    const places = this.#learnedFrom();
    const labels = places.map((place) => this.#labels[place]!);
    this.#ready = new Set(labels).size >= 2;
    if (!this.#ready) return;
    const typical = await this.#typicality();
    const radii = radiiOf(typical);
    const embeddings = this.#centred(places, radii);
    await this.#head.learn(embeddings, labels, { decay, evaluations });
    embeddings.dispose();
    const { kernel, bias } = this.#head.weights();
    const answers = await this.table.times(kernel);
    const ofMean = tf.matMul(this.table.mean(), kernel);
    const offsets = await ofMean.data();
    tf.dispose([kernel, ofMean]);
    const { classIds } = this.#head;
    const classes = classIds.length;
    for (let place = 0; place < this.#labels.length; place += 1) {
      const from = place * classes;
      // As if the image itself had been centred: nothing of the size of all embeddings is held twice.
      for (let column = 0; column < classes; column += 1)
        answers[from + column] = (answers[from + column]! - offsets[column]!) / radii[place]!;
      softmax(answers, from, bias);
      let best = 0;
      let next = -1;
      for (let column = 1; column < classes; column += 1) {
        if (answers[from + column]! > answers[from + best]!) {
          next = best;
          best = column;
        } else if (next < 0 || answers[from + column]! > answers[from + next]!) next = column;
      }
      this.#classes[place] = classIds[best]!;
      this.#certainty[place] = answers[from + best]!;
      this.#lead[place] = answers[from + best]! - answers[from + next]!;
    }
  }

  /** What the head sees of images: how they differ from the mean of all, of length 1. @returns [places, size] */
  #centred(places: readonly number[], radii: Float32Array): tf.Tensor2D {
    return tf.tidy(() => {
      const own = tf.tensor2d(
        places.map((place) => radii[place]!),
        [places.length, 1],
      );
      return tf.div(tf.sub(this.table.gather(places), this.table.mean()), own) as tf.Tensor2D;
    });
  }

  /** How many unlabelled images each class is suggested for. */
  counts(): Map<number, number> {
    const counts = new Map<number, number>();
    if (!this.#ready) return counts;
    for (let place = 0; place < this.#labels.length; place += 1) {
      if (this.#labels[place] !== unlabelled) continue;
      const id = this.#classes[place]!;
      counts.set(id, (counts.get(id) ?? 0) + 1);
    }
    return counts;
  }

  /** A window on the unlabelled images in an order. @param classId only those that it is suggested for */
  async list(
    order: Order,
    classId: number | null,
    offset: number,
    limit: number,
  ): Promise<{ total: number; suggestions: Suggested[] }> {
    const { places, similarity } = await this.#ordered(order);
    const own = classId === null ? places : places.filter((place) => this.suggestedFor(place) === classId);
    const shown = [...own.subarray(offset, offset + limit)];
    return {
      total: own.length,
      suggestions: shown.map((place) => ({
        place,
        classId: this.suggestedFor(place),
        certainty: this.#ready ? this.#certainty[place]! : 0,
        similarity: similarity && similarity[place]!,
      })),
    };
  }

  async #ordered(order: Order) {
    const key = typeof order === 'string' ? order : `similar ${order.similarTo}`;
    const known = this.#orders.get(key);
    if (known) return known;
    const [scores, similarity] = await this.#scores(order);
    const open = Int32Array.from(this.#labels.keys()).filter((place) => this.#labels[place] === unlabelled);
    const own = typeof order === 'string' ? -1 : order.similarTo;
    const places = open.filter((place) => place !== own).sort((a, b) => scores[b]! - scores[a]! || a - b);
    const ordered = { places, similarity };
    if (this.#orders.size >= ordersKept) this.#orders.clear();
    this.#orders.set(key, ordered);
    return ordered;
  }

  async #scores(order: Order): Promise<[scores: Float32Array, similarity: Float32Array | null]> {
    if (order === 'certain') return [this.#ready ? this.#certainty : await this.#typicality(), null];
    if (order === 'useful') return [await this.#usefulness(), null];
    const similarity = await this.table.cosines(order.similarTo);
    return [similarity, similarity];
  }

  /** Uncertain, unlike what is labelled, and like many others, so that the label says something of those too. */
  async #usefulness(): Promise<Float32Array> {
    const typical = await this.#typicality();
    const nearest = await this.#nearest.cosines();
    return typical.map((likeAll, place) => {
      const unlike = this.#labelled.size === 0 ? 1 : 1 - nearest[place]!;
      const unsure = this.#ready ? 1 - this.#lead[place]! : 1;
      return unsure * unlike * likeAll * likeAll;
    });
  }

  async #typicality(): Promise<Float32Array> {
    this.#typical ??= await this.table.meanCosines();
    return this.#typical;
  }

  /** Of very many labelled images those labelled last, and some of the others. */
  #learnedFrom(): number[] {
    const all = [...this.#labelled];
    if (all.length <= mostLearned) return all;
    const recent = all.slice(-mostRecent);
    const others = all.slice(0, -mostRecent);
    const step = others.length / (mostLearned - mostRecent);
    return [
      ...Array.from({ length: mostLearned - mostRecent }, (_, index) => others[Math.floor(index * step)]!),
      ...recent,
    ];
  }

  /** The images most like one, whatever their labels; itself left out. */
  async neighbours(place: number, count: number): Promise<{ place: number; similarity: number }[]> {
    const cosines = await this.table.cosines(place);
    return largest(cosines, count, (other) => other !== place).map((other) => ({
      place: other,
      similarity: cosines[other]!,
    }));
  }
}

/** Distances of embeddings of length 1 from the mean of all, by their products with it. */
function radiiOf(typical: Float32Array): Float32Array {
  const square = typical.reduce((sum, each) => sum + each, 0) / Math.max(1, typical.length);
  return typical.map((each) => Math.sqrt(Math.max(leastSquare, 1 - 2 * each + square)));
}
