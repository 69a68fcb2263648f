/** Both audits of a run: from the public log alone, and from the database. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const root = join(import.meta.dirname, '..');

export interface Audits {
  readonly passed: boolean;
  readonly lines: readonly string[];
}

/** @param environment of the server: its data folder */
export async function audits(url: string, environment: NodeJS.ProcessEnv): Promise<Audits> {
  const commands: [string, string[]][] = [
    ['rivulet-verify audit', [join(root, 'verifier/bin/rivulet-verify.js'), 'audit', `${url}/log`]],
    ['rivulet audit', [join(root, 'server/src/main.ts'), 'audit']],
  ];
  let passed = true;
  const lines: string[] = [];
  for (const [name, command] of commands) {
    const start = performance.now();
    const { good, output } = await outcome(command, environment);
    passed &&= good;
    const seconds = ((performance.now() - start) / 1_000).toFixed(1);
    lines.push(`${name}: ${good ? 'passed' : 'FAILED'} in ${seconds} s`, ...(good ? [] : output.split('\n')));
  }
  return { passed, lines };
}

async function outcome(command: string[], env: NodeJS.ProcessEnv): Promise<{ good: boolean; output: string }> {
  try {
    const { stdout, stderr } = await run(process.execPath, command, { cwd: root, env, maxBuffer: 64 * 2 ** 20 });
    return { good: true, output: stdout + stderr };
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
    return { good: false, output: `${stdout}${stderr}`.slice(-4_000) || String(error) };
  }
}
