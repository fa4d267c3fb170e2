/**
 * The scripts that Python is handed with `-c`. They share peers/network.py, whose text goes before theirs: a text has
 * no folder to import from. What they measure is told at the top of each.
 */
import backbone from './peers/onnxruntime_backbone.py?raw';
import network from './peers/network.py?raw';
import intake from './peers/pillow_intake.py?raw';
import epoch from './peers/pytorch_epoch.py?raw';
import steps from './peers/pytorch.py?raw';

/** On their own: they train nothing. */
export const pillowIntake = intake;
export const onnxruntimeBackbone = backbone;
export const pytorchSteps = `${network}\n\n${steps}`;
export const pytorchEpoch = `${network}\n\n${epoch}`;
