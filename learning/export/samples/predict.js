/**
 * Classifies images with the model.onnx beside this file.
 *
 *     npm install --ignore-scripts onnxruntime-node sharp
 *     node predict.js IMAGE [IMAGE ...] [--json]
 *
 * Where the run was given an answer rule, the model also says a verdict: answer, unsure or unknown (unlike all training images).
 * Files that cannot be classified are skipped and named with the reason; the exit code is then 1.
 */
const usage = 'node predict.js IMAGE [IMAGE ...] [--json]\n';

/** What sharp calls the ways of bringing an image to size. */
const fits = { letterbox: 'contain', crop: 'cover', stretch: 'fill' };

/** The formats that this program is known to read as the studio does, as sharp calls them. */
const formats = ['jpeg', 'png', 'webp', 'gif', 'tiff', 'heif'];

/** A text with its control characters shown, as \x1b, and not obeyed by the terminal. */
const visible = (text) =>
  text.replace(/[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, (character) => {
    const code = character.codePointAt(0).toString(16);
    return code.length > 2 ? `\\u${code.padStart(4, '0')}` : `\\x${code.padStart(2, '0')}`;
  });

/** The bytes of a file of this bundle, if they are those that manifest.json lists. */
async function verified(folder, name) {
  const { createHash } = await import('node:crypto');
  const { readFile } = await import('node:fs/promises');
  const { join } = await import('node:path');
  const { files } = JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8'));
  const bytes = await readFile(join(folder, name));
  const listed = files.find((file) => file.name === name);
  if (listed?.sha256 !== createHash('sha256').update(bytes).digest('hex'))
    throw new Error(`${name} is not the file that manifest.json lists: take another copy of the bundle`);
  return bytes;
}

/**
 * Brings an image file to the network's size as the studio does: uint8, height × width × channels values.
 * Scaling, normalisation and softmax are inside the model.
 */
async function prepare(sharp, path, { height, width, channels, fit }) {
  const image = sharp(path, { limitInputPixels: 100_000_000, failOn: 'error' });
  const { format, depth } = await image.metadata();
  if (!formats.includes(format)) throw new Error(`the format ${format} is not read here`);
  if (depth !== 'uchar')
    throw new Error(`it has values of type ${depth}, and 8 bits a channel are read here`);
  const { data, info } = await image
    .rotate() // upright, as its EXIF data says
    .flatten({ background: 'white' }) // where it is transparent
    .toColourspace('srgb')
    .resize(width, height, { fit: fits[fit], background: 'black', kernel: 'lanczos3' })
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });
  const pixels = new Uint8Array(height * width * channels);
  for (let at = 0; at < height * width; at += 1) {
    const [red, green = red, blue = red] = data.subarray(at * info.channels, (at + 1) * info.channels);
    if (channels === 3) pixels.set([red, green, blue], at * 3);
    else pixels[at] = (299 * red + 587 * green + 114 * blue + 500) / 1000; // luminance, ITU-R BT.601
  }
  return pixels;
}

/** What the model says of an image under its answer rule; nothing where it has none. */
function verdictOf({ verdict, novelty }) {
  if (!verdict) return {};
  return { verdict: ['answer', 'unsure', 'unknown'][Number(verdict.data[0])], novelty: novelty.data[0] };
}

/** What the model answered, if these are probabilities. */
function checked(probabilities) {
  const sum = probabilities.reduce((total, value) => total + value, 0);
  if (probabilities.every((value) => value >= 0 && value <= 1.001) && Math.abs(sum - 1) <= 0.001)
    return probabilities;
  throw new Error('the model answered with no probabilities: take another copy of the bundle');
}

/**
 * onnxruntime-node does not hand the model's metadata on; labels.json and recipe.json say the same.
 * Returns how many images were skipped.
 */
async function main(paths, asJson) {
  const { dirname } = await import('node:path');
  const { default: sharp } = await import('sharp');
  const { InferenceSession, Tensor } = await import('onnxruntime-node');
  const folder = dirname(process.argv[1]);
  const json = async (name) => JSON.parse((await verified(folder, name)).toString('utf8'));
  const classes = await json('labels.json');
  const { preprocessing } = await json('recipe.json');
  const { height, width, channels } = preprocessing;
  const session = await InferenceSession.create(await verified(folder, 'model.onnx'));

  let skipped = 0;
  for (const path of paths) {
    let pixels;
    try {
      pixels = await prepare(sharp, path, preprocessing);
    } catch (error) {
      skipped += 1;
      const [reason] = error.message.split('\n');
      if (asJson) process.stdout.write(`${JSON.stringify({ image: path, error: reason })}\n`);
      process.stderr.write(`skipped ${visible(path)}: ${visible(reason)}\n`);
      continue;
    }
    const image = new Tensor('uint8', pixels, [1, height, width, channels]);
    const outputs = await session.run({ image });
    const probabilities = checked(Array.from(outputs.probabilities.data));
    const judged = verdictOf(outputs);
    const answer = classes.map((name, index) => [name, probabilities[index]]);
    if (asJson) {
      const told = { image: path, probabilities: Object.fromEntries(answer), ...judged };
      process.stdout.write(`${JSON.stringify(told)}\n`);
      continue;
    }
    process.stdout.write(`${visible(path)}${judged.verdict ? `  [${judged.verdict}]` : ''}\n`);
    for (const [name, probability] of answer.sort((a, b) => b[1] - a[1])) {
      process.stdout.write(`${(100 * probability).toFixed(2).padStart(7)} %  ${visible(name)}\n`);
    }
  }
  if (skipped > 0) process.stderr.write(`${skipped} of ${paths.length} images were skipped\n`);
  return skipped;
}

const words = process.argv.slice(2);
const paths = words.filter((word) => word !== '--json');
if (paths.length === 0) {
  process.stderr.write(usage);
  process.exitCode = 2;
} else {
  main(paths, words.includes('--json')).then(
    (skipped) => (process.exitCode = skipped > 0 ? 1 : 0),
    (error) => {
      process.stderr.write(`${visible(error.message)}\n`);
      process.exitCode = 1;
    },
  );
}
