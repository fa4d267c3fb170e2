/**
 * Reads a PyTorch state dict in torch's old format (before 1.6): a chain of pickles, then the raw storages. Of pickle it
 * knows only what such a file needs: no class is looked up, nothing is called, so that nothing in the file can run.
 * Which tensor is which weight is left to efficientnet-lite.ts.
 */
import { AtelierError } from '#contract/errors.ts';

export interface TorchTensor {
  /** [] is a scalar. */
  readonly shape: readonly number[];
  /** Row-major, whatever the strides in the file. */
  readonly data: Float32Array | BigInt64Array;
}

const refuse = (expected: string, received: unknown): never => {
  throw new AtelierError(
    'CHECKPOINT_DAMAGED',
    `Expected ${expected} in a file of PyTorch weights, received ${String(received).slice(0, 100)}. Fetch the file again.`,
    { expected },
  );
};

/** What torch writes first. */
const magicNumber = 0x1950a86a20f9469cfc6cn;
const protocolVersion = 1001;

/** The two functions that a state dict names; they are told apart, never called. */
type Global = 'OrderedDict' | '_rebuild_tensor_v2' | 'FloatStorage' | 'LongStorage';
const globals: Record<string, Global> = {
  'collections OrderedDict': 'OrderedDict',
  'torch._utils _rebuild_tensor_v2': '_rebuild_tensor_v2',
  'torch FloatStorage': 'FloatStorage',
  'torch LongStorage': 'LongStorage',
};

class GlobalName {
  constructor(readonly name: Global) {}
}
interface Storage {
  kind: 'FloatStorage' | 'LongStorage';
  key: string;
  count: number;
}
class Tensor {
  constructor(
    readonly storage: Storage,
    readonly offset: number,
    readonly shape: readonly number[],
    readonly strides: readonly number[],
  ) {}
}
class Mark {}

/** Memoised values of a pickle and a stack that no state dict comes near to; a file made to fill memory does. */
const most = 200_000;

/** One pickle after the other out of the same bytes. */
class Pickles {
  #at = 0;
  readonly #view: DataView;

  constructor(readonly bytes: Uint8Array) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get at(): number {
    return this.#at;
  }

  #take(count: number): number {
    const start = this.#at;
    if (count < 0 || start + count > this.bytes.length) refuse(`${count} more bytes`, 'the end of the file');
    this.#at += count;
    return start;
  }
  #byte = () => this.bytes[this.#take(1)]!;
  #text = (count: number) =>
    Buffer.from(this.bytes.buffer, this.bytes.byteOffset + this.#take(count), count).toString('utf8');
  #line(): string {
    const end = this.bytes.indexOf(10, this.#at);
    if (end < 0 || end - this.#at > 200) refuse('a short line', 'none');
    const text = this.#text(end - this.#at);
    this.#take(1);
    return text;
  }

  /** The next pickle's value. @throws CHECKPOINT_DAMAGED for any operation or name that a state dict does not need */
  load(): unknown {
    const stack: unknown[] = [];
    const memo = new Map<number, unknown>();
    const put = (key: number) => void memo.set(key, stack.at(-1));
    const get = (key: number) => (memo.has(key) ? memo.get(key) : refuse('a remembered value', key));
    const pop = () => (stack.length > 0 ? stack.pop() : refuse('a value', 'an empty stack'));
    const popToMark = () => {
      const mark = stack.findLastIndex((value) => value instanceof Mark);
      if (mark < 0) refuse('a mark', 'none');
      return stack.splice(mark).slice(1);
    };
    for (;;) {
      if (stack.length > most || memo.size > most) refuse(`at most ${most} values`, 'more');
      const code = String.fromCharCode(this.#byte());
      switch (code) {
        case '\x80': // PROTO
          this.#take(1);
          break;
        case '.': // STOP
          return pop();
        case '(':
          stack.push(new Mark());
          break;
        case 'N':
          stack.push(null);
          break;
        case '\x88':
        case '\x89':
          stack.push(code === '\x88');
          break;
        case 'K': // BININT1
          stack.push(this.#byte());
          break;
        case 'M': // BININT2
          stack.push(this.#view.getUint16(this.#take(2), true));
          break;
        case 'J': // BININT
          stack.push(this.#view.getInt32(this.#take(4), true));
          break;
        case '\x8a': {
          // LONG1
          const count = this.#byte();
          const start = this.#take(count);
          let value = 0n;
          for (let at = count - 1; at >= 0; at -= 1) value = (value << 8n) | BigInt(this.bytes[start + at]!);
          stack.push(BigInt.asIntN(8 * Math.max(1, count), value));
          break;
        }
        case 'X': // BINUNICODE
          stack.push(this.#text(this.#view.getUint32(this.#take(4), true)));
          break;
        case 'q': // BINPUT
          put(this.#byte());
          break;
        case 'r': // LONG_BINPUT
          put(this.#view.getUint32(this.#take(4), true));
          break;
        case 'h': // BINGET
          stack.push(get(this.#byte()));
          break;
        case 'j': // LONG_BINGET
          stack.push(get(this.#view.getUint32(this.#take(4), true)));
          break;
        case ')':
          stack.push([]);
          break;
        case '\x85':
          stack.push([pop()]);
          break;
        case '\x86': {
          const [second, first] = [pop(), pop()];
          stack.push([first, second]);
          break;
        }
        case '\x87': {
          const [third, second, first] = [pop(), pop(), pop()];
          stack.push([first, second, third]);
          break;
        }
        case 't':
        case 'l':
          stack.push(popToMark());
          break;
        case ']':
          stack.push([]);
          break;
        case 'a': {
          const value = pop();
          listOf(stack.at(-1)).push(value);
          break;
        }
        case 'e': {
          const values = popToMark();
          listOf(stack.at(-1)).push(...values);
          break;
        }
        case '}':
          stack.push(new Map());
          break;
        case 's': {
          const [value, key] = [pop(), pop()];
          mapOf(stack.at(-1)).set(key, value);
          break;
        }
        case 'u': {
          const pairs = popToMark();
          const map = mapOf(stack.at(-1));
          for (let at = 0; at < pairs.length; at += 2) map.set(pairs[at], pairs[at + 1]);
          break;
        }
        case 'c': {
          const name = `${this.#line()} ${this.#line()}`;
          stack.push(new GlobalName(globals[name] ?? refuse('only tensors', name)));
          break;
        }
        case 'Q': // BINPERSID
          stack.push(storageOf(pop()));
          break;
        case 'R': {
          const [values, what] = [pop(), pop()];
          stack.push(made(what, listOf(values)));
          break;
        }
        case 'b': // BUILD: attributes of the dict, which it is read without
          pop();
          break;
        default:
          refuse('only tensors', `the pickle operation ${JSON.stringify(code)}`);
      }
    }
  }
}

const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : refuse('a list', typeof value));
const mapOf = (value: unknown): Map<unknown, unknown> =>
  value instanceof Map ? value : refuse('a dict', typeof value);
const wholeOf = (value: unknown): number =>
  Number.isSafeInteger(value) && (value as number) >= 0 ? (value as number) : refuse('a whole number', value);

function made(what: unknown, values: unknown[]): unknown {
  if (!(what instanceof GlobalName)) return refuse('a known name', typeof what);
  if (what.name === 'OrderedDict' && values.length === 0) return new Map();
  if (what.name !== '_rebuild_tensor_v2') return refuse('a tensor', what.name);
  const [storage, offset, shape, strides] = values;
  return new Tensor(
    storage as Storage,
    wholeOf(offset),
    listOf(shape).map(wholeOf),
    listOf(strides).map(wholeOf),
  );
}

function storageOf(value: unknown): Storage {
  const [tag, kind, key, , count] = listOf(value);
  if (tag !== 'storage' || !(kind instanceof GlobalName) || typeof key !== 'string') refuse('a storage', tag);
  const { name } = kind as GlobalName;
  if (name !== 'FloatStorage' && name !== 'LongStorage') return refuse('a storage of numbers', name);
  return { kind: name, key: key as string, count: wholeOf(count) };
}

/**
 * The tensors of a state dict by name. Only little-endian float32 and int64.
 * @throws CHECKPOINT_DAMAGED for any other file, or one that is cut off
 */
export function readTorchFile(bytes: Uint8Array): Map<string, TorchTensor> {
  const pickles = new Pickles(bytes);
  const magic = pickles.load();
  if (magic !== magicNumber) refuse("torch's magic number", magic);
  const version = pickles.load();
  if (version !== protocolVersion) refuse(`protocol ${protocolVersion}`, version);
  const system = mapOf(pickles.load());
  if (system.get('little_endian') !== true) refuse('little-endian numbers', 'others');
  const tensors = mapOf(pickles.load());
  const keys = listOf(pickles.load());
  const counts = new Map(
    [...tensors.values()].flatMap((tensor) =>
      tensor instanceof Tensor ? [[tensor.storage.key, tensor.storage] as const] : [],
    ),
  );
  const storages = new Map<string, Float32Array | BigInt64Array>();
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = pickles.at;
  for (const key of keys) {
    const storage = counts.get(key as string) ?? refuse('a storage that a tensor uses', key);
    const size = storage.kind === 'FloatStorage' ? 4 : 8;
    const end = at + 8 + storage.count * size;
    if (end > bytes.length) refuse(`${end} bytes`, bytes.length);
    const found = view.getBigInt64(at, true);
    if (found !== BigInt(storage.count)) refuse(`${storage.count} numbers in storage ${storage.key}`, found);
    // A Buffer's own slice would share the file's memory.
    const raw = Uint8Array.prototype.slice.call(bytes, at + 8, end);
    storages.set(
      storage.key,
      storage.kind === 'FloatStorage' ? new Float32Array(raw.buffer) : new BigInt64Array(raw.buffer),
    );
    at = end;
  }
  if (at !== bytes.length) refuse(`${at} bytes`, bytes.length);
  return new Map(
    [...tensors].map(([name, tensor]) => {
      if (typeof name !== 'string' || !(tensor instanceof Tensor)) return refuse('tensors by name', name);
      return [name, { shape: tensor.shape, data: rowMajor(tensor, storages) }];
    }),
  );
}

/** A tensor's numbers in the order of its shape: strides say where each lies. */
function rowMajor(
  { storage, offset, shape, strides }: Tensor,
  storages: ReadonlyMap<string, Float32Array | BigInt64Array>,
): Float32Array | BigInt64Array {
  const source = storages.get(storage.key) ?? refuse('the numbers of each tensor', 'none');
  if (strides.length !== shape.length) refuse('a stride for each side', strides);
  const count = shape.reduce((product, side) => product * side, 1);
  const last = shape.reduce((sum, side, axis) => sum + (side - 1) * strides[axis]!, offset);
  if (count > 0 && last >= source.length) refuse(`at most ${source.length} numbers`, last + 1);
  const result = storage.kind === 'FloatStorage' ? new Float32Array(count) : new BigInt64Array(count);
  const place = shape.map(() => 0);
  let from = offset;
  for (let to = 0; to < count; to += 1) {
    result[to] = source[from]!;
    for (let axis = shape.length - 1; axis >= 0; axis -= 1) {
      from += strides[axis]!;
      place[axis]! += 1;
      if (place[axis]! < shape[axis]!) break;
      from -= strides[axis]! * shape[axis]!;
      place[axis] = 0;
    }
  }
  return result;
}
