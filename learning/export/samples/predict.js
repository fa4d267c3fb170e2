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
 * Brings an image file to the network's size: uint8, height × width × channels values.
 * Scaling, normalisation and softmax are inside the model.
 */
async function prepare(sharp, path, { height, width, channels, fit }) {
  let image = sharp(path).rotate().flatten({ background: 'black' });
  image = channels === 1 ? image.greyscale() : image.toColourspace('srgb');
  return image.resize({ width, height, fit: fits[fit], background: 'black' }).raw().toBuffer();
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
    const image = new Tensor('uint8', new Uint8Array(pixels), [1, height, width, channels]);
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
