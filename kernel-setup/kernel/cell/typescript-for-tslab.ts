// What tslab's own TypeScript has and ours does not.
import type * as tsTypes from "typescript";
import { internals, type Internals } from "./typescript-internals";

type TypeScript = typeof tsTypes;
type Host = { directoryExists?(folder: string): boolean };

/** What tslab's converter calls and only its own build of TypeScript has, or what has another signature there. */
export interface TslabAdditions {
  getQuickInfoAtPosition(
    file: tsTypes.SourceFile,
    checker: tsTypes.TypeChecker,
    token: tsTypes.CancellationToken,
    position: number,
  ): tsTypes.QuickInfo | undefined;
  getDefaultTypeRoots(folder: string, host: Host): string[] | undefined;
  Completions: object;
}

/**
 * tslab brings a TypeScript 5.0 of its own, to which it added a few functions. They are made here of what every
 * TypeScript has, so that cells are compiled by the project's own.
 */
export function tslabAdditions(ts: TypeScript): TslabAdditions {
  const { Completions } = internals(ts);
  return {
    getQuickInfoAtPosition: (file, checker, token, position) => quickInfoAt(ts, file, checker, token, position),
    getDefaultTypeRoots: (folder, { directoryExists }) => {
      const found: string[] = [];
      for (let each = folder, parent = ""; each !== parent; each = ts.sys.resolvePath(`${(parent = each)}/..`))
        found.push(`${each === "/" ? "" : each}/node_modules/@types`);
      return directoryExists ? found.filter((each) => directoryExists(each)) : found.slice(0, 1);
    },
    // tslab's host is an empty object, with which nothing inside an `import` could be completed.
    Completions: {
      ...Completions,
      getCompletionsAtPositionForTslab: (
        _host: object,
        program: tsTypes.Program,
        log: unknown,
        file: tsTypes.SourceFile,
        position: number,
        ...rest: unknown[]
      ) => {
        const asked = ts.isStringLiteralLike(internals(ts).findPrecedingToken(position, file) ?? file)
          ? withExportsMaps(ts, program)
          : program;
        const [preferences, character, kind, token] = rest;
        const all = [log, file, position, preferences, character, kind, token, undefined, WITH_SYMBOLS];
        return Completions.getCompletionsAtPosition(completionHost(ts, asked), asked, ...all);
      },
    },
  };
}

/** Entries say which symbol they are, so that a function can be told from another value. */
const WITH_SYMBOLS = true;

/**
 * For names of modules: those that a package's `exports` has, which the older way of finding packages does not read.
 */
function withExportsMaps(ts: TypeScript, program: tsTypes.Program): tsTypes.Program {
  const options = { ...program.getCompilerOptions(), moduleResolution: ts.ModuleResolutionKind.Bundler };
  return { ...program, getCompilerOptions: () => options };
}

function completionHost(ts: TypeScript, program: tsTypes.Program): object {
  return {
    ...ts.sys,
    getCompilationSettings: () => program.getCompilerOptions(),
    getCurrentDirectory: () => program.getCurrentDirectory(),
    useCaseSensitiveFileNames: () => ts.sys.useCaseSensitiveFileNames,
    log: () => undefined,
  };
}

type Node = tsTypes.Node;

/**
 * Type and documentation of what stands at a place. TypeScript offers this through a language service only, which
 * would keep a second program.
 */
function quickInfoAt(
  ts: TypeScript,
  file: tsTypes.SourceFile,
  checker: tsTypes.TypeChecker,
  token: tsTypes.CancellationToken,
  position: number,
): tsTypes.QuickInfo | undefined {
  const inside = internals(ts);
  const touched = inside.getTouchingPropertyName(file, position);
  if (touched === file) return undefined;
  const node = described(ts, touched);
  const textSpan = ts.createTextSpanFromBounds(node.getStart(file), node.getEnd());
  const symbol = symbolAt(inside, checker, node);
  if (!symbol || checker.isUnknownSymbol(symbol)) {
    if (!hasType(ts, inside, node, file, position)) return undefined;
    const type = checker.getTypeAtLocation(node);
    // A name that is not there, or not finished.
    if (ts.isIdentifier(node) && type.flags & ts.TypeFlags.Any) return undefined;
    return {
      kind: ts.ScriptElementKind.unknown,
      kindModifiers: "",
      textSpan,
      displayParts: checker.runWithCancellationToken(token, (each) =>
        inside.typeToDisplayParts(each, type, inside.getContainerNode(node)),
      ),
      documentation: type.symbol?.getDocumentationComment(checker),
      tags: type.symbol?.getJsDocTags(checker),
    };
  }
  const { symbolKind, ...shown } = checker.runWithCancellationToken(token, (each) =>
    inside.SymbolDisplay.getSymbolDisplayPartsDocumentationAndSymbolKind(
      each,
      symbol,
      file,
      inside.getContainerNode(node),
      node,
    ),
  );
  return {
    kind: symbolKind,
    kindModifiers: inside.SymbolDisplay.getSymbolModifiers(checker, symbol),
    textSpan,
    ...shown,
  };
}

/** Of `new` the class, of a name in a longer one the whole. */
function described(ts: TypeScript, node: Node): Node {
  const { parent } = node;
  if (ts.isNewExpression(parent) && node.pos === parent.pos) return parent.expression;
  if (ts.isNamedTupleMember(parent) && node.pos === parent.pos) return parent;
  if (ts.isMetaProperty(parent) && parent.name === node) return parent;
  return node;
}

/** A property of an object literal means the one that the expected type declares. */
function symbolAt(inside: Internals, checker: tsTypes.TypeChecker, node: Node): tsTypes.Symbol | undefined {
  const element = inside.getContainingObjectLiteralElement(node);
  const expected = element && checker.getContextualType(element.parent);
  const properties =
    element && expected ? inside.getPropertySymbolsFromContextualType(element, checker, expected, false) : [];
  return properties.length === 1 ? properties[0] : checker.getSymbolAtLocation(node);
}

function hasType(ts: TypeScript, inside: Internals, node: Node, file: tsTypes.SourceFile, position: number): boolean {
  if (ts.isIdentifier(node))
    return !inside.isLabelName(node) && !inside.isTagName(node) && !ts.isConstTypeReference(node.parent);
  if (ts.isPropertyAccessExpression(node) || ts.isQualifiedName(node)) return !inside.isInComment(file, position);
  const { ThisKeyword, ThisType, SuperKeyword, NamedTupleMember } = ts.SyntaxKind;
  return [ThisKeyword, ThisType, SuperKeyword, NamedTupleMember].includes(node.kind) || ts.isMetaProperty(node);
}
