/**
 * What a file holds, told by its content and never by its name, and the words for what is not read. Pure, without a
 * decoder: any process may load it. The formats that are read are listed in contract/image-formats.ts; decoding is
 * left to open.ts.
 */
import { formatNames, type ImageFormat } from '#contract/image-formats.ts';

/** Every kind of content that is told apart and is not read, with its own words. */
const notRead = {
  svg: 'SVG is a program that draws, not a picture. Save it as PNG.',
  jp2: 'JPEG 2000 is not read. Save it as PNG or JPEG.',
  jxl: 'JPEG XL is not read. Save it as PNG or JPEG.',
  jxr: 'JPEG XR is not read. Save it as PNG or JPEG.',
  ico: 'Icons (ICO, CUR) are not read. Save it as PNG.',
  psd: 'Photoshop files are not read. Save it as PNG or JPEG.',
  xcf: 'GIMP files are not read. Save it as PNG or JPEG.',
  pcx: 'PCX is not read. Save it as PNG or JPEG.',
  tga: 'TGA is not read. Save it as PNG or JPEG.',
  pam: 'PAM and PFM are not read. Save it as PNG, TIFF or PPM.',
  dds: 'DDS textures are not read. Save it as PNG or JPEG.',
  exr: 'OpenEXR is not read. Save it as PNG or TIFF.',
  hdr: 'Radiance HDR is not read. Save it as PNG or TIFF.',
  qoi: 'QOI is not read. Save it as PNG.',
  fits: 'FITS is not read. Save it as PNG or TIFF.',
  dicom: 'DICOM is not read. Save it as PNG or TIFF.',
  raw: "A camera's raw file is not read. Save it as JPEG or TIFF.",
} as const;

const notImages = {
  empty: 'The file is empty.',
  html: 'A web page, not an image: the download failed.',
  text: 'Text, not an image.',
  pdf: 'A PDF document, not an image. Save its pages as PNG.',
  archive: 'An archive, not an image. Unpack it first.',
  video: 'A video, not an image. Save single frames as PNG or JPEG.',
  array: 'An array of numbers, not an image. Save it as PNG or TIFF.',
  zeros: 'The file holds nothing but zeros: copying or downloading it failed.',
  pointer: 'A Git LFS pointer, not an image: run git lfs pull.',
  unknown: 'Not an image: its content is of no known kind.',
} as const;

type OtherContent = keyof typeof notRead | keyof typeof notImages;
type Content = ImageFormat | OtherContent;

/** Whether content of this kind is read. */
export const isRead = (content: Content): content is ImageFormat => Object.hasOwn(formatNames, content);

/** Why a file of this kind is skipped: a sentence, without the file's name. */
export const whyNotRead = (content: OtherContent): string => ({ ...notRead, ...notImages })[content];

/** Endings that nobody gives to an image. Anything else is opened and judged by its content. */
const neverImages = new Set(
  (
    'txt md rst log csv tsv json jsonl ndjson geojson xml yaml yml toml ini cfg conf html htm css js mjs ts py ipynb ' +
    'r m c cpp h java go rs sh bat ps1 sql tex doc docx xls xlsx ppt pptx odt ods pdf rtf names data index lst ' +
    'zip tar gz tgz bz2 xz 7z rar zst npy npz mat h5 hdf5 pkl pickle joblib pt pth ckpt onnx pb tflite safetensors ' +
    'parquet arrow feather tfrecord tfrecords lmdb mdb db sqlite sqlite3 mp4 mov avi mkv webm mpg mpeg mp3 wav flac ' +
    'exe dll so dylib lnk url torrent crc md5 sha1 sha256 lock part crdownload'
  ).split(' '),
);

/** Whether a file is worth opening: false only where its name clearly says that it is something else. */
export function couldBeImage(fileName: string): boolean {
  if (fileName.startsWith('.') || fileName === 'Thumbs.db' || fileName === 'desktop.ini') return false;
  const extension = /\.([^./\\]*)$/.exec(fileName)?.[1];
  return extension === undefined || !neverImages.has(extension.trim().toLowerCase());
}

const ascii = (bytes: Uint8Array, from: number, length: number) =>
  String.fromCharCode(...bytes.subarray(from, from + length));

/** Content by its first bytes, where that suffices: [offset, bytes in Latin-1, content]. */
const magics: readonly (readonly [number, string, Content])[] = [
  [0, '\xff\xd8\xff', 'jpeg'],
  [0, '\x89PNG\r\n\x1a\n', 'png'],
  [0, 'GIF87a', 'gif'],
  [0, 'GIF89a', 'gif'],
  [0, 'II\xbc\x01', 'jxr'],
  [8, 'CR\x02', 'raw'],
  [0, 'II*\0', 'tiff'],
  [0, 'MM\0*', 'tiff'],
  [0, 'II+\0\x08\0\0\0', 'tiff'],
  [0, 'MM\0+\0\x08\0\0', 'tiff'],
  [0, 'IIRO', 'raw'],
  [0, 'IIU\0', 'raw'],
  [0, 'FUJIFILMCCD-RAW', 'raw'],
  [0, '\xff\x0a', 'jxl'],
  [0, '\0\0\0\x0cJXL ', 'jxl'],
  [0, '\0\0\0\x0cjP  ', 'jp2'],
  [0, '\xff\x4f\xff\x51', 'jp2'],
  [0, '8BPS', 'psd'],
  [0, 'gimp xcf', 'xcf'],
  [0, 'DDS ', 'dds'],
  [0, 'v/1\x01', 'exr'],
  [0, '#?RADIANCE', 'hdr'],
  [0, '#?RGBE', 'hdr'],
  [0, 'qoif', 'qoi'],
  [0, 'SIMPLE  =', 'fits'],
  [128, 'DICM', 'dicom'],
  [0, '%PDF-', 'pdf'],
  [0, 'PK\x03\x04', 'archive'],
  [0, 'PK\x05\x06', 'archive'],
  [0, '\x1f\x8b', 'archive'],
  [0, 'BZh', 'archive'],
  [0, '\xfd7zXZ\0', 'archive'],
  [0, '7z\xbc\xaf\x27\x1c', 'archive'],
  [0, 'Rar!\x1a\x07', 'archive'],
  [0, '\x28\xb5\x2f\xfd', 'archive'],
  [257, 'ustar', 'archive'],
  [0, '\x1aE\xdf\xa3', 'video'],
  [0, '\x93NUMPY', 'array'],
  [0, '\x89HDF\r\n\x1a\n', 'array'],
  [0, 'MATLAB 5.0', 'array'],
  [0, 'version https://git-lfs', 'pointer'],
];

/** How many of a file's first bytes `sniff` looks at. */
export const sniffedBytes = 4096;

/**
 * What a file holds.
 * @param bytes the whole file, or at least its first `sniffedBytes`
 * @param fileName a hint for the one format that cannot be told by its content (TGA)
 */
export function sniff(bytes: Uint8Array, fileName = ''): Content {
  if (bytes.length === 0) return 'empty';
  for (const [at, magic, content] of magics)
    if (bytes.length >= at + magic.length && ascii(bytes, at, magic.length) === magic) return content;
  if (ascii(bytes, 0, 4) === 'RIFF') return riffs[ascii(bytes, 8, 4)] ?? 'unknown';
  if (ascii(bytes, 4, 4) === 'ftyp') return brandOf(bytes);
  if (/^P[1-6][\s#]/.test(ascii(bytes, 0, 3))) return 'pnm';
  if (/^(P7\n|P[Ff]\n)/.test(ascii(bytes, 0, 3))) return 'pam';
  if (isBitmap(bytes)) return 'bmp';
  if (isIcon(bytes)) return 'ico';
  const pcx = bytes[0] === 0x0a && bytes[1]! <= 5 && bytes[2] === 1 && bytes.length >= 128;
  if (pcx && [1, 2, 4, 8].includes(bytes[3]!)) return 'pcx';
  if (isTarga(bytes, fileName)) return 'tga';
  const start = bytes.subarray(0, sniffedBytes);
  return start.every((byte) => byte === 0) ? 'zeros' : textKind(start);
}

const riffs: Record<string, Content> = { WEBP: 'webp', 'AVI ': 'video' };

/** ISO base media files: images by their brands, else a video. */
function brandOf(bytes: Uint8Array): Content {
  const length = Math.min(new DataView(bytes.buffer, bytes.byteOffset).getUint32(0), bytes.length, 256);
  const brands = [ascii(bytes, 8, 4)];
  for (let at = 16; at + 4 <= length; at += 4) brands.push(ascii(bytes, at, 4));
  if (brands.some((brand) => /^avi[fs]$/.test(brand))) return 'avif';
  if (brands.some((brand) => /^(hei[cxms]|hev[cxms]|mif[12]|msf1|heif)$/.test(brand))) return 'heic';
  if (brands[0] === 'crx ') return 'raw';
  return 'video';
}

/** "BM" alone begins many a text, so the length of the second header must be one that exists. */
function isBitmap(bytes: Uint8Array): boolean {
  if (ascii(bytes, 0, 2) !== 'BM' || bytes.length < 18) return false;
  const header = new DataView(bytes.buffer, bytes.byteOffset).getUint32(14, true);
  return [12, 16, 40, 52, 56, 64, 108, 124].includes(header);
}

/** Icons and cursors begin with small numbers, of which the count of pictures is not 0. */
function isIcon(bytes: Uint8Array): boolean {
  const [a, b, kind, c, count, d] = bytes;
  return a === 0 && b === 0 && (kind === 1 || kind === 2) && c === 0 && count !== 0 && d === 0;
}

/** TGA has no mark at its start: a mark at its end, or its name and a header that could be one. */
function isTarga(bytes: Uint8Array, fileName: string): boolean {
  if (ascii(bytes, bytes.length - 18, 16) === 'TRUEVISION-XFILE') return true;
  const [, map = 9, type = 0] = bytes;
  const header = map <= 1 && [1, 2, 3, 9, 10, 11].includes(type) && [8, 15, 16, 24, 32].includes(bytes[16]!);
  return header && /\.(tga|vda|icb|vst)\s*$/i.test(fileName);
}

/** Text, and whether it is a page or a drawing; else unknown. */
function textKind(start: Uint8Array): Content {
  const latin = Array.from(start, (byte) => String.fromCharCode(byte)).join('');
  const wide = latin.startsWith('\xff\xfe') || latin.startsWith('\xfe\xff');
  // eslint-disable-next-line no-control-regex -- control characters are what is looked for
  if (!wide && /[\0-\x08\x0e-\x1a\x1c-\x1f\x7f]/.test(latin)) return 'unknown';
  if (!wide && !isUtf8(start) && start.filter((byte) => byte > 127).length > start.length / 3)
    return 'unknown';
  const bare = latin
    .replace(/^(\xef\xbb\xbf|\xff\xfe|\xfe\xff)|\0/g, '')
    .replace(/<!--[^]*?-->|<\?[^]*?\?>/g, '')
    .trimStart();
  if (/^(<!doctype svg|<svg[\s>]|<[a-z]+:svg[\s>])/i.test(bare)) return 'svg';
  if (/^<(!doctype html|html|head|body|script|meta|title|div|p|h1|center|table)\b/i.test(bare)) return 'html';
  return 'text';
}

function isUtf8(bytes: Uint8Array): boolean {
  try {
    // A stream, since the last letter may be cut.
    new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true });
    return true;
  } catch {
    return false;
  }
}

/** Damage first, then what is not supported, then what is not an image: the order in which people are told. */
export function rankOfReason(reason: string): 0 | 1 | 2 | 3 {
  if (damage.has(reason)) return 0;
  if (Object.values<string>(notRead).includes(reason) || unsupported.test(reason)) return 1;
  const none = Object.values<string>(notImages).includes(reason) || reason.startsWith('Not an image');
  return none ? 3 : 2;
}

/** Why a picture is skipped that would take too much to decode. */
export const tooLarge = 'It has more than 100 million pixels, the most that is read. Save it smaller.';
export const tooMuchMemory = 'Decoding it takes more memory than there is for it. Save it smaller.';

export const tooManyBytes = 'It has more than 256 MB, the most that is read. Save it smaller.';
export const decoderEnded =
  'The decoder ended while it read this file; memory may have run out. Save it smaller.';

/** Reasons of TIFF and of values, which name what they refuse. */
const unsupported = /(is|are) not read|is not known\. Save it|no numbers \(NaN/;

const damage = new Set<string>([
  decoderEnded,
  tooManyBytes,
  tooLarge,
  tooMuchMemory,
  notImages.empty,
  notImages.html,
  notImages.zeros,
  notImages.pointer,
  ...Object.values(formatNames).flatMap((name) => [cutShort(name), damaged(name)]),
]);

/** Why a file whose end is missing is skipped. @param name of the format, as people know it */
export function cutShort(name: string): string {
  return `This ${name} is cut short: the end of the file is missing.`;
}

/** Why a file whose content contradicts itself is skipped. @param name of the format, as people know it */
export function damaged(name: string): string {
  return `This ${name} is damaged: its data cannot be decoded.`;
}
