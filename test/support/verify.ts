/** The verifier's command as a stranger runs it. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const command = fileURLToPath(new URL('../../verifier/bin/rivulet-verify.js', import.meta.url));

/** `rivulet-verify …`. @returns its JSON answer @throws Error with what it said when its exit code is not 0 */
export async function runVerify(...args: readonly string[]): Promise<Record<string, unknown>> {
  const ran = promisify(execFile)(process.execPath, [command, ...args, '--json'], {
    timeout: 120_000,
    maxBuffer: 64 * 1024 * 1024,
  });
  const { stdout } = await ran.catch((error: { code: unknown; stdout: string; stderr: string }) => {
    throw new Error(`rivulet-verify ${args[0]} ended with ${error.code}: ${error.stdout}${error.stderr}`);
  });
  return JSON.parse(stdout) as Record<string, unknown>;
}
