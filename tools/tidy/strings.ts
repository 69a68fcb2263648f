/** What a source file says in string literals and calls, as @swc/core parses it. */
import { parseSync } from '@swc/core';

type Node = Readonly<Record<string, unknown>>;

/** Texts of all string and template literals; a template's expressions are cut out. */
export function stringsOf(path: string, source: string): string[] {
  const found: string[] = [];
  visit(parse(path, source), (node) => {
    const text = literal(node);
    if (text !== undefined) found.push(text);
  });
  return found;
}

/** Literal arguments of every call of function `name`, by position; undefined where an argument is no literal. */
export function callsOf(path: string, source: string, name: string): (string | undefined)[][] {
  const found: (string | undefined)[][] = [];
  visit(parse(path, source), (node) => {
    const callee = node.callee as Node | undefined;
    if (node.type !== 'CallExpression' || callee?.type !== 'Identifier' || callee.value !== name) return;
    found.push((node.arguments as { expression: Node }[]).map(({ expression }) => literal(expression)));
  });
  return found;
}

function parse(path: string, source: string): Node {
  return parseSync(source, { syntax: 'typescript', tsx: path.endsWith('.tsx'), target: 'es2024' }) as unknown as Node;
}

function literal(node: Node): string | undefined {
  if (node.type === 'StringLiteral') return node.value as string;
  if (node.type !== 'TemplateLiteral') return undefined;
  return (node.quasis as { raw: string }[]).map(({ raw }) => raw).join(' ');
}

function visit(value: unknown, see: (node: Node) => void): void {
  if (Array.isArray(value)) for (const item of value) visit(item, see);
  else if (typeof value === 'object' && value !== null) {
    if ('type' in value) see(value as Node);
    for (const inner of Object.values(value)) visit(inner, see);
  }
}
