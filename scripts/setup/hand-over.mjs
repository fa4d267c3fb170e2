/** Hands the terminal over to a program: its streams are ours, signals go on to it. */
import { spawn } from 'node:child_process';
import { constants } from 'node:os';

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/**
 * Resolves with how the program ended: its exit code (128 + signal where a signal ended it) and whether the person
 * asked for that end.
 */
function runHere(command, args, env) {
  const child = spawn(command, args, { stdio: 'inherit', env: { ...process.env, ...env } });
  let asked = false;
  const passOn = (signal) => {
    asked = true;
    // A key press reaches the child by itself: it shares our terminal. A signal sent to us alone does not.
    if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
  };
  for (const signal of signals) process.on(signal, passOn);
  return new Promise((resolve) => {
    const end = (code) => {
      for (const signal of signals) process.off(signal, passOn);
      resolve({ code, asked });
    };
    child.on('error', (error) => {
      process.stderr.write(`${command} could not be started: ${error.message}\n`);
      end(1);
    });
    child.on('exit', (code, signal) => end(signal ? 128 + (constants.signals[signal] ?? 0) : (code ?? 1)));
  });
}

/** Never returns: the program's exit code becomes ours. */
export async function handOver(command, args, env = {}) {
  process.exit((await runHere(command, args, env)).code);
}

/** A failure this soon is a window that could not open, not a studio that somebody used. */
const openingSeconds = 20;

/** The same for a window; returns only where it could not be opened. */
export async function handOverWindow(command, args, env = {}) {
  const start = Date.now();
  const { code, asked } = await runHere(command, args, env);
  if (code === 0 || asked || Date.now() - start > openingSeconds * 1000) process.exit(code);
}
