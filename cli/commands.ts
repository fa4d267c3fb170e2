/** Every command, in the order of the help. One file each in commands/; what it does is told there. */
import type { Command } from './command.ts';
import { backbonesCommand } from './commands/backbones.ts';
import { benchCommand, benchModeCommand } from './commands/bench.ts';
import { calibrateCommand } from './commands/calibrate.ts';
import { classesCommand } from './commands/classes.ts';
import { compareCommand } from './commands/compare.ts';
import { crossValidateCommand } from './commands/cross-validate.ts';
import { embedCommand, similarCommand } from './commands/embed.ts';
import { doctorCommand } from './commands/doctor.ts';
import { evaluateCommand } from './commands/evaluate.ts';
import { explainCommand } from './commands/explain.ts';
import { exportCommand } from './commands/export.ts';
import { findingsCommand } from './commands/findings.ts';
import { improveCommand } from './commands/improve.ts';
import { imagesCommand } from './commands/images.ts';
import { inspectCommand } from './commands/inspect.ts';
import { replayCommand } from './commands/replay.ts';
import { reportCommand } from './commands/report.ts';
import { learningCurveCommand } from './commands/learning-curve.ts';
import { labelsCommand } from './commands/labels.ts';
import { logsCommand } from './commands/logs.ts';
import { predictCommand } from './commands/predict.ts';
import { previewCommand } from './commands/preview.ts';
import { comparePrecisionCommand, findLearningRateCommand } from './commands/probe.ts';
import { importCommand, newCommand } from './commands/project.ts';
import { robustnessCommand } from './commands/robustness.ts';
import { runsCommand } from './commands/runs.ts';
import { searchCommand } from './commands/search.ts';
import { serveCommand } from './commands/serve.ts';
import { slicesCommand } from './commands/slices.ts';
import { sourcesCommand } from './commands/sources.ts';
import { splitCommand } from './commands/split.ts';
import { studiesCommand } from './commands/studies.ts';
import { recipeCommand } from './commands/recipe.ts';
import { summaryCommand } from './commands/summary.ts';
import { trainCommand } from './commands/train.ts';
import { whatIfCommand } from './commands/what-if.ts';

export const commands: readonly Command[] = [
  newCommand,
  importCommand,
  sourcesCommand,
  classesCommand,
  imagesCommand,
  labelsCommand,
  findingsCommand,
  splitCommand,
  recipeCommand,
  summaryCommand,
  previewCommand,
  findLearningRateCommand,
  comparePrecisionCommand,
  backbonesCommand,
  embedCommand,
  similarCommand,
  trainCommand,
  runsCommand,
  compareCommand,
  logsCommand,
  crossValidateCommand,
  searchCommand,
  learningCurveCommand,
  studiesCommand,
  evaluateCommand,
  improveCommand,
  whatIfCommand,
  calibrateCommand,
  slicesCommand,
  robustnessCommand,
  explainCommand,
  inspectCommand,
  replayCommand,
  reportCommand,
  predictCommand,
  exportCommand,
  serveCommand,
  doctorCommand,
  benchCommand,
];
/** Started by other commands. */
export const hidden: readonly Command[] = [benchModeCommand];
