/** The layers of the house: imports point downwards only. Each rule's comment says what may be imported instead. */
const only = (room, allowed, files = []) => ({
  name: `${room}-imports-downwards`,
  severity: 'error',
  comment: `${room}/ may import ${[room, ...allowed, ...files].join(', ')} and packages. Move what both need down, or hand it in as an argument.`,
  from: { path: `^${room}/` },
  to: {
    path: '^(recipe|contract|learning|engine|cli|main|preload|renderer|bench|torture|e2e|scripts)/',
    pathNot: [`^(${[room, ...allowed].join('|')})/`, ...files],
  },
});

module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      severity: 'error',
      comment: 'Two files that import each other are one file, or share something that belongs below both.',
      from: {},
      to: { circular: true },
    },
    // The one shape of an error, and the one rule for names, are what it shares with every wire.
    only('recipe', [], ['^contract/(errors|names)\\.ts$']),
    only('contract', ['recipe']),
    only('learning', ['contract', 'recipe']),
    only('engine', ['learning', 'contract', 'recipe']),
    only('cli', ['engine', 'learning', 'contract', 'recipe', 'bench']),
    only('bench', ['engine', 'learning', 'contract', 'recipe']),
    only('torture', ['engine', 'learning', 'contract', 'recipe']),
    only('main', ['engine', 'contract', 'recipe']),
    only('preload', ['contract']),
    only('renderer', ['contract', 'recipe']),
    {
      name: 'rooms-of-the-window-stand-alone',
      severity: 'error',
      comment:
        'A room of the window imports no other room, nor the shell around them. What two rooms need is a part, a shared store or a function of renderer/.',
      from: { path: '^renderer/rooms/([^/]+)/' },
      to: { path: '^renderer/(rooms|shell)/', pathNot: '^renderer/rooms/$1/' },
    },
    {
      name: 'what-rooms-share-knows-no-room',
      severity: 'error',
      comment:
        'Shared stores and parts know no room: hand in what they need, or move them into the one room that uses them.',
      from: { path: '^renderer/((commands|state|parts|pictures|styles)/|stores\\.ts$)' },
      to: { path: '^renderer/(rooms|shell)/' },
    },
    {
      name: 'renderer-has-no-node',
      severity: 'error',
      comment: 'The renderer runs in a sandbox: what needs Node is a command of contract/commands.',
      from: { path: '^(renderer|contract|recipe)/', pathNot: '\\.test\\.ts$' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'native-learning-stays-in-workers',
      severity: 'error',
      comment:
        'The studio process, main and the command line never load native machine-learning code: send a task to a worker. Only engine/worker may import learning/ parts that compute.',
      from: { path: '^(engine|cli|main)/', pathNot: '^engine/worker/' },
      to: {
        path: '^learning/(tensorflow|augment|model|operations|training|evaluation|export|onnx|embeddings|regression)/',
        pathNot:
          '^learning/(tensorflow/locate|export/tensorboard|export/report/[a-z]+|model/model-file|training/(checkpoint/checkpoint-files|probes/compare-precisions|loop/out-of-memory))\\.ts$',
      },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)(out|node_modules)/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.base.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default'],
      extensions: ['.ts', '.js', '.mjs', '.cjs', '.svelte', '.json'],
    },
  },
};
