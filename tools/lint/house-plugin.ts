/** The house rules as an oxlint plugin: layers, purity of what decides, and the World as the only source of time and chance. */
import { existsSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { isTest, layerRow, refuseImport } from './check-import.ts';
import { refuseChance, type SyntaxNode } from './world-only.ts';

type Context = {
  readonly filename: string;
  readonly sourceCode: { readonly text: string };
  report(finding: { readonly node: SyntaxNode; readonly message: string }): void;
};
type Visitor = Readonly<Record<string, (node: SyntaxNode) => void>>;
type Rule = { create(context: Context): Visitor };

const projectRoots = new Map<string, string>();

const layers: Rule = {
  create(context) {
    const file = projectPath(context.filename);
    const check = (node: SyntaxNode): void => {
      const specifier = node.source?.value;
      if (typeof specifier !== 'string') return;
      const refusal = refuseImport(file, specifier, isTypeOnly(node) ? 'type' : 'value');
      if (refusal !== undefined) context.report({ node, message: refusal });
    };
    return {
      ImportDeclaration: check,
      ExportNamedDeclaration: check,
      ExportAllDeclaration: check,
      ImportExpression: check,
      TSImportType: check,
    };
  },
};

const pure: Rule = {
  create(context) {
    const file = projectPath(context.filename);
    if (layerRow(file)?.pure !== true || isTest(file)) return {};
    const refuse = (node: SyntaxNode): void => {
      context.report({ node, message: 'Cannot wait here: what decides is a synchronous function of a snapshot' });
    };
    const refuseAsync = (node: SyntaxNode): void => {
      if (node.async === true) refuse(node);
    };
    return {
      AwaitExpression: refuse,
      FunctionDeclaration: refuseAsync,
      FunctionExpression: refuseAsync,
      ArrowFunctionExpression: refuseAsync,
    };
  },
};

const worldOnly: Rule = {
  create(context) {
    const file = projectPath(context.filename);
    if (!file.startsWith('src/') || /^src\/(base|main)\//.test(file) || isTest(file)) return {};
    const check = (node: SyntaxNode): void => {
      const used = refuseChance(node);
      if (used === undefined) return;
      context.report({
        node,
        message: `Cannot use ${used} here: take time, chance and ids from a World (#base/world)`,
      });
    };
    return { CallExpression: check, NewExpression: check, ImportDeclaration: check };
  },
};

const VAGUE_NAME = /(^|[/-])(utils?|helpers?|common|misc|managers?)([/.-]|$)/;

const opening: Rule = {
  create(context) {
    const file = projectPath(context.filename);
    const vague = VAGUE_NAME.exec(file)?.[2];
    return {
      Program: (node) => {
        if (vague !== undefined)
          context.report({ node, message: `Cannot name a file "${vague}": say what it is about` });
        if (isTest(file) || /^(#!.*\n)?\/\*\*/.test(context.sourceCode.text)) return;
        context.report({ node, message: 'Cannot open a file without its idea: begin it with one sentence in /** */' });
      },
    };
  },
};

const plugin = {
  meta: { name: 'house' },
  rules: { layers, pure, 'world-only': worldOnly, opening },
};

export default plugin;

function isTypeOnly(node: SyntaxNode): boolean {
  return node.type === 'TSImportType' || node.importKind === 'type' || node.exportKind === 'type';
}

// Told by package.json and not by this file's place, so that a planted project elsewhere is judged as well.
function projectPath(filename: string): string {
  const folder = dirname(filename);
  let root = projectRoots.get(folder);
  if (root === undefined) {
    root = folder;
    while (!existsSync(join(root, 'package.json')) && dirname(root) !== root) root = dirname(root);
    projectRoots.set(folder, root);
  }
  return relative(root, filename).split(sep).join('/');
}
