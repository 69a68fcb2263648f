/** Starts the command: the only file that touches the process. */

import { run } from './command/run.ts';
import { useNativeSha256 } from './native-sha256.ts';
import { processTerminal } from './terminal.ts';

useNativeSha256();
process.exitCode = await run(process.argv.slice(2), processTerminal());
