/** Both audits of a run: from the public log alone, and from the database. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const root = join(import.meta.dirname, '../..');

/** What was measured is not true of the books: no figure of it may be told. */
export class AuditFailed extends Error {
  override name = 'AuditFailed';
}

/** @param environment of the server: its data folder @returns a line for each audit @throws AuditFailed */
export async function audits(url: string, environment: NodeJS.ProcessEnv): Promise<string[]> {
  const commands: [string, string[]][] = [
    ['rivulet-verify audit', [join(root, 'verifier/bin/rivulet-verify.js'), 'audit', `${url}/log`]],
    ['rivulet audit', [join(root, 'server/src/main.ts'), 'audit']],
  ];
  const lines: string[] = [];
  for (const [name, command] of commands) {
    const start = performance.now();
    await runNode(command, environment).catch((error: { stdout?: string; stderr?: string }) => {
      const said = `${error.stdout ?? ''}${error.stderr ?? ''}`.slice(-4_000);
      throw new AuditFailed(`${name}: FAILED\n${said || String(error)}`);
    });
    lines.push(`${name}: passed in ${((performance.now() - start) / 1_000).toFixed(1)} s`);
  }
  return lines;
}

/** A command of this repository, to its end. @throws Error with its stdout and stderr */
export function runNode(command: readonly string[], env: NodeJS.ProcessEnv): Promise<{ stdout: string }> {
  return run(process.execPath, [...command], { cwd: root, env, maxBuffer: 64 * 2 ** 20 });
}
