/**
 * Classifies images with the model.onnx beside this file.
 *
 *     npm install onnxruntime-node sharp
 *     node predict.js IMAGE [IMAGE ...] [--json]
 */
const usage = 'node predict.js IMAGE [IMAGE ...] [--json]\n';

/** What sharp calls the ways of bringing an image to size. */
const fits = { letterbox: 'contain', crop: 'cover', stretch: 'fill' };

/**
 * Brings an image file to the network's size as the studio does: uint8, height × width × channels values.
 * Scaling, normalisation and softmax are inside the model.
 */
async function prepare(sharp, path, { height, width, channels, fit }) {
  const { data, info } = await sharp(path)
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

/** onnxruntime-node does not hand the model's metadata on; labels.json and recipe.json say the same. */
async function main(paths, asJson) {
  const { readFile } = await import('node:fs/promises');
  const { dirname, join } = await import('node:path');
  const { default: sharp } = await import('sharp');
  const { InferenceSession, Tensor } = await import('onnxruntime-node');
  const folder = dirname(process.argv[1]);
  const classes = JSON.parse(await readFile(join(folder, 'labels.json'), 'utf8'));
  const { preprocessing } = JSON.parse(await readFile(join(folder, 'recipe.json'), 'utf8'));
  const { height, width, channels } = preprocessing;
  const session = await InferenceSession.create(join(folder, 'model.onnx'));

  for (const path of paths) {
    const pixels = await prepare(sharp, path, preprocessing);
    const image = new Tensor('uint8', pixels, [1, height, width, channels]);
    const probabilities = Array.from((await session.run({ image })).probabilities.data);
    const answer = classes.map((name, index) => [name, probabilities[index]]);
    if (asJson) {
      process.stdout.write(`${JSON.stringify({ image: path, probabilities: Object.fromEntries(answer) })}\n`);
      continue;
    }
    process.stdout.write(`${path}\n`);
    for (const [name, probability] of answer.sort((a, b) => b[1] - a[1])) {
      process.stdout.write(`${(100 * probability).toFixed(2).padStart(7)} %  ${name}\n`);
    }
  }
}

const words = process.argv.slice(2);
const paths = words.filter((word) => word !== '--json');
if (paths.length === 0) {
  process.stderr.write(usage);
  process.exitCode = 2;
} else {
  main(paths, words.includes('--json')).catch((error) => {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  });
}
