/**
 * A run's curves as TensorBoard reads them: one event file of TFRecords that hold `tensorflow.Event` messages
 * (tensorflow/core/util/event.proto, framework/summary.proto). Only what curves and texts need of these; where the
 * file lies is the caller's.
 */
import type { Epoch } from '#contract/run.ts';
import { type EpochColumn, epochColumns } from '#recipe/metrics/stored.ts';
import { bytesField, doubleField, floatField, varintField } from '#learning/tensorflow/protobuf.ts';

export interface LoggedRun {
  /** ISO 8601; the first epoch is taken to begin then. */
  startedAt: string;
  epochs: readonly Epoch[];
  /** Markdown by tag, shown in TensorBoard's Text tab. */
  texts: Readonly<Record<string, string>>;
}

/** TensorBoard takes every file whose name holds "tfevents", in the order of their names. */
export const eventFileName = 'events.out.tfevents.0000000000.atelier';

type Scalar = [tag: string, value: number | null];

/** "topK" of the validation images is "validation/top_k". */
const tagOf = ({ part, metric: { key } }: EpochColumn) =>
  `${part}/${key.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}`;

/** Scalars of one epoch by tag. A value that an older run did not count is left out. */
const scalarsOf = (epoch: Epoch): Scalar[] => [
  ...epochColumns.map((column): Scalar => [tagOf(column), epoch[column.key]]),
  ['learning_rate', epoch.learningRate],
  ['images_per_second', epoch.imagesPerSecond],
];

/**
 * An event file: its version, the texts at step 0, then the scalars of each epoch with the epoch as the step and as
 * wall time the start plus the seconds of all epochs so far (pauses are not known, so they are not in it).
 */
export function encodeEvents({ startedAt, epochs, texts }: LoggedRun): Uint8Array {
  let time = Date.parse(startedAt) / 1000;
  const records = [record(event(time, 0, [bytesField(3, utf8('brain.Event:2'))]))];
  for (const [tag, markdown] of Object.entries(texts)) {
    records.push(record(event(time, 0, [bytesField(5, textSummary(tag, markdown))])));
  }
  for (const epoch of epochs) {
    time += epoch.seconds;
    const values = scalarsOf(epoch).flatMap(([tag, value]) =>
      value === null ? [] : [bytesField(1, Buffer.concat([bytesField(1, utf8(tag)), floatField(2, value)]))],
    );
    records.push(record(event(time, epoch.epoch, [bytesField(5, Buffer.concat(values))])));
  }
  return Buffer.concat(records);
}

/** Event: wall_time = 1 (double), step = 2 (int64), then file_version = 3 or summary = 5. */
const event = (wallTime: number, step: number, rest: Buffer[]) =>
  Buffer.concat([doubleField(1, wallTime), varintField(2, step), ...rest]);

/** Summary.Value of the text plugin: tag, a string tensor of shape [1], and whose plugin it is. */
function textSummary(tag: string, markdown: string): Buffer {
  const stringType = 7;
  const shape = bytesField(2, varintField(1, 1));
  const tensor = [varintField(1, stringType), bytesField(2, shape), bytesField(8, utf8(markdown))];
  const plugin = bytesField(1, bytesField(1, utf8('text')));
  return bytesField(
    1,
    Buffer.concat([
      bytesField(1, utf8(`${tag}/text_summary`)),
      bytesField(8, Buffer.concat(tensor)),
      bytesField(9, plugin),
    ]),
  );
}

const utf8 = (text: string) => Buffer.from(text, 'utf8');

/** TFRecord: length (uint64), its masked CRC, the data, the data's masked CRC. */
function record(data: Buffer): Buffer {
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(data.length));
  return Buffer.concat([length, masked(length), data, masked(data)]);
}

/** A CRC of data that holds CRCs is a poor check, hence the mask (tensorflow/core/lib/hash/crc32c.h). */
function masked(data: Buffer): Buffer {
  const crc = crc32c(data);
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE((((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0);
  return bytes;
}

/** Castagnoli's polynomial, bits reversed. */
const polynomial = 0x82f63b78;
const crcTable = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ polynomial : crc >>> 1;
  return crc;
});

/** CRC-32C (RFC 3720, appendix B.4). */
export function crc32c(data: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of data) crc = (crc >>> 8) ^ crcTable[(crc ^ byte) & 0xff]!;
  return (crc ^ 0xffffffff) >>> 0;
}
