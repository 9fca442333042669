import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, posix } from 'node:path';
import ts from 'typescript';
import { describe, expect, test } from 'vitest';

const ROOT = join(__dirname, '..');

/** Files of the repository below some folders, as paths with forward slashes. */
function files(folders: readonly string[], ending: string): string[] {
  return folders.flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith(ending))
      .map((path) => posix.join(folder, path.replaceAll('\\', '/'))),
  );
}

/** What a file imports: paths of the repository without ending, or names of packages. */
function imports(file: string): string[] {
  const { importedFiles } = ts.preProcessFile(readFileSync(join(ROOT, file), 'utf8'), true, true);
  return importedFiles.map(({ fileName }) => {
    if (!fileName.startsWith('.')) {
      return fileName;
    }
    const path = posix.join(posix.dirname(file), fileName.replace(/\.js$/, ''));
    return existsSync(join(ROOT, path, 'index.ts')) || existsSync(join(ROOT, path, 'index.d.ts'))
      ? `${path}/index`
      : path;
  });
}

/** The imports of some files that match, each as `file -> import`. */
function importsFrom(sources: readonly string[], forbidden: RegExp): string[] {
  return sources.flatMap((file) =>
    imports(file)
      .filter((target) => forbidden.test(target))
      .map((target) => `${file} -> ${target}`),
  );
}

describe('the public declarations', () => {
  const entry = join(ROOT, 'dist/src/index.d.ts');
  const program = ts.createProgram([entry], {
    module: ts.ModuleKind.Node16,
    moduleResolution: ts.ModuleResolutionKind.Node16,
    target: ts.ScriptTarget.ES2022,
    skipLibCheck: true,
  });
  const checker = program.getTypeChecker();
  const module = checker.getSymbolAtLocation(program.getSourceFile(entry) as ts.SourceFile) as ts.Symbol;
  const exported = checker
    .getExportsOfModule(module)
    .map((symbol) => (symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol));

  const isDocumented = (symbol: ts.Symbol) => symbol.getDocumentationComment(checker).length > 0;
  const isOurs = (symbol: ts.Symbol) =>
    (symbol.declarations ?? []).some(({ parent }) => !parent.getSourceFile().fileName.includes('node_modules'));

  /** Members of the exported types whose names match, as `Type.member`. */
  const members = (names: RegExp) =>
    exported
      .filter((symbol) => names.test(symbol.name))
      .flatMap((symbol) =>
        checker
          .getDeclaredTypeOfSymbol(symbol)
          .getProperties()
          .filter(isOurs)
          .map((member) => ({ name: `${symbol.name}.${member.name}`, member })),
      );
  /** cdktf documents few of the members that our stacks override. */
  const platformStack = exported.find((symbol) => symbol.name === 'PlatformStack') as ts.Symbol;
  const [frameworkStack] = checker.getBaseTypes(checker.getDeclaredTypeOfSymbol(platformStack) as ts.InterfaceType) as [
    ts.Type,
  ];
  const options = members(/(Props|Options|Attributes)$/);

  test('are many', () => {
    expect(exported.map((symbol) => symbol.name)).toEqual(
      expect.arrayContaining([
        'InferencePlatform',
        'InferencePlatformProps',
        'InferenceCluster',
        'ModelSource',
        'VmSize',
      ]),
    );
    expect(options.length).toBeGreaterThan(80);
  });

  test('say what each of them is', () => {
    expect(exported.filter((symbol) => !isDocumented(symbol)).map((symbol) => symbol.name)).toEqual([]);
  });

  test('say what every member is', () => {
    const hidden = ts.ModifierFlags.Private | ts.ModifierFlags.Protected;
    const isPublic = (member: ts.Symbol) =>
      (member.declarations ?? []).every((declaration) => !(ts.getCombinedModifierFlags(declaration) & hidden));
    const isTheFramework = ({ member }: { member: ts.Symbol }) => frameworkStack.getProperty(member.name) !== undefined;

    const silent = members(/./).filter(({ member }) => isPublic(member) && !isDocumented(member));
    expect(silent.filter((member) => !isTheFramework(member)).map(({ name }) => name)).toEqual([]);
    expect(members(/./).length).toBeGreaterThan(200);
  });

  test('let nobody change an option', () => {
    const changeable = options.filter(({ member }) =>
      (member.declarations ?? []).some(
        (declaration) => !(ts.getCombinedModifierFlags(declaration) & ts.ModifierFlags.Readonly),
      ),
    );

    expect(changeable.map(({ name }) => name)).toEqual([]);
  });

  test('say what happens without an option that may be left out, and only then', () => {
    const hasDefault = (member: ts.Symbol) => member.getJsDocTags(checker).some((tag) => tag.name === 'default');
    const isOptional = (member: ts.Symbol) => (member.flags & ts.SymbolFlags.Optional) !== 0;

    expect(options.filter(({ member }) => isOptional(member) !== hasDefault(member)).map(({ name }) => name)).toEqual(
      [],
    );
    expect(options.filter(({ member }) => isOptional(member)).length).toBeGreaterThan(30);
  });

  test('hold no type of a provider, and lead to none', () => {
    const declarations = files(['dist/src', 'dist/constructs', 'dist/stacks'], '.d.ts');
    const open = declarations.filter((file) => !file.startsWith('dist/constructs/private/'));

    expect(open).toContain('dist/constructs/inference-cluster.d.ts');
    expect(importsFrom(open, /^@cdktf\/provider-|constructs\/private\//)).toEqual([]);
    expect(open.filter((file) => readFileSync(join(ROOT, file), 'utf8').includes('@cdktf/provider-'))).toEqual([]);
  });
});

describe('imports go downward:', () => {
  const sources = files(['src'], '.ts');
  const constructs = files(['constructs'], '.ts');
  const stacks = files(['stacks'], '.ts');

  test('src knows neither constructs nor stacks nor providers, but for the front door', () => {
    const inside = sources.filter((file) => file !== 'src/index.ts');

    expect(inside.length).toBeGreaterThan(15);
    expect(importsFrom(inside, /^(constructs|stacks)\/|^src\/index$|^@cdktf\/provider-/)).toEqual([]);
    expect(importsFrom(['src/index.ts'], /^(constructs|stacks)\//)).toHaveLength(2);
  });

  test('report and command line know no constructs and no stacks, and the library knows neither of them', () => {
    const tools = sources.filter((file) => /^src\/(cli|report)\//.test(file));
    const library = [...sources, ...constructs, ...stacks].filter((file) => !tools.includes(file));

    expect(importsFrom(tools, /^(constructs|stacks)\/|^cdktf$|^constructs$/)).toEqual([]);
    expect(importsFrom(library, /^src\/(cli|report)\//)).toEqual([]);
  });

  test('constructs know neither stacks nor the front door', () => {
    expect(importsFrom(constructs, /^stacks\/|^src\/index$/)).toEqual([]);
    expect(importsFrom(constructs, /^src\//).length).toBeGreaterThan(20);
  });

  test('stacks know the front door not', () => {
    expect(importsFrom(stacks, /^src\/index$|^constructs\/index$/)).toEqual([]);
  });

  test('resources of a provider are imported one by one', () => {
    const all = [...sources, ...constructs, ...stacks];

    expect(importsFrom(all, /^@cdktf\/provider-[^/]+(\/lib)?(\/(lazy-)?index)?$/)).toEqual([]);
    expect(importsFrom(all, /^@cdktf\/provider-[^/]+\/lib\/[a-z0-9-]+$/).length).toBeGreaterThan(20);
  });
});

test('the example loads the resources that it uses, no provider as a whole, and no tool', () => {
  const program = join(ROOT, 'dist/examples/gpu-triton/main.js');
  const { stdout, stderr } = spawnSync(
    process.execPath,
    ['-e', `require(${JSON.stringify(program)}); console.log(JSON.stringify(Object.keys(require.cache)))`],
    {
      cwd: join(ROOT, 'examples/gpu-triton'),
      env: { ...process.env, CDKTF_OUTDIR: mkdtempSync(join(tmpdir(), 'azure-inference-test-')) },
      encoding: 'utf8',
    },
  );
  expect(stderr).toBe('');
  const loaded = (JSON.parse(stdout) as string[]).map((path) => path.replaceAll('\\', '/'));

  expect(loaded.filter((path) => /@cdktf\/provider-azurerm\/lib\/kubernetes-cluster\//.test(path))).not.toEqual([]);
  expect(loaded.filter((path) => /@cdktf\/provider-\w+\/lib\/(lazy-)?index\.js$/.test(path))).toEqual([]);
  expect(loaded.filter((path) => /\/lib\/(data-azurerm-application-insights|job-v1)\//.test(path))).toEqual([]);
  expect(loaded.filter((path) => /node_modules\/(commander|@viz-js)\/|dist\/src\/(cli|report)\//.test(path))).toEqual(
    [],
  );
});
