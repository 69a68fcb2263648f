/** Which module imports which, from what dependency-cruiser read. */
import { type Module, moduleOf } from '../tidy/architecture.ts';
import type { Imports } from '../tidy/imports.ts';
import { isTestCode } from '../tidy/tree.ts';

export interface Edge {
  readonly from: string;
  readonly to: string;
}

/** Every import between two modules once, sorted; tests aside. */
export function readEdges(imports: Imports, modules: readonly Module[]): Edge[] {
  const seen = new Map<string, Edge>();
  for (const { source, dependencies } of imports.modules) {
    const from = isTestCode(source) ? undefined : moduleOf(modules, source)?.name;
    if (from === undefined) continue;
    for (const { resolved } of dependencies) {
      const to = moduleOf(modules, resolved)?.name;
      if (to !== undefined && to !== from) seen.set(`${from} ${to}`, { from, to });
    }
  }
  return [...seen].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, edge]) => edge);
}

/** Without the edges that follow from others: a → c when a → b → c. */
export function reduce(edges: readonly Edge[]): Edge[] {
  return edges.filter(
    (edge) => !edges.some(({ from, to }) => from === edge.from && to !== edge.to && reaches(edges, to, edge)),
  );
}

/** Whether `start` leads to the end of `edge` without that edge. */
function reaches(edges: readonly Edge[], start: string, edge: Edge): boolean {
  const seen = new Set([start, edge.from]);
  const open = [start];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    if (at === edge.to) return true;
    for (const { from, to } of edges)
      if (from === at && !seen.has(to)) {
        seen.add(to);
        open.push(to);
      }
  }
  return false;
}
