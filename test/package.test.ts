import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'

const run = promisify(execFile)
const manifest = JSON.parse(readFileSync('package.json', 'utf8'))
const subpaths = Object.keys(manifest.exports).filter((subpath) => subpath !== './package.json').map((subpath) => subpath.replace(/^\./, manifest.name))
const compilers = ['typescript', 'typescript-6', 'typescript-7']
const oldest = 'fastify-5-5'

// Outside of the repository, where nothing but what the package names is found.
const workshop = realpathSync(mkdtempSync(join(tmpdir(), 'fastify-created-')))
t.teardown(() => rmSync(workshop, { recursive: true, force: true }))

const { stdout } = await run('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', workshop], { shell: process.platform === 'win32' })
const packed: string[] = JSON.parse(stdout)[0].files.map(({ path }: { path: string }) => path)
const tarball = join(workshop, readdirSync(workshop).find((name) => name.endsWith('.tgz'))!)

/** An app that has installed the package, the dependencies that it names, and Fastify. */
async function consumer (name: string, fastify = 'fastify'): Promise<string> {
  const directory = join(workshop, name)
  const modules = join(directory, 'node_modules')
  mkdirSync(join(modules, manifest.name), { recursive: true })
  await run('tar', ['-xzf', tarball, '--strip-components', '1', '-C', join(modules, manifest.name)])
  for (const dependency of [...Object.keys(manifest.dependencies), '@types/node']) link(dependency, dependency)
  link(fastify, 'fastify')
  writeFileSync(join(directory, 'package.json'), '{ "type": "module" }')
  return directory

  function link (from: string, to: string): void {
    mkdirSync(dirname(join(modules, to)), { recursive: true })
    symlinkSync(realpathSync(resolve('node_modules', from)), join(modules, to), 'junction')
  }
}

async function output (directory: string, name: string, code: string): Promise<string> {
  writeFileSync(join(directory, name), code)
  const { stdout, stderr } = await run(process.execPath, [name], { cwd: directory })
  // Node 20 and 22.0 to 22.12 warn that require() of a module is experimental.
  return `${stdout}${stderr.replaceAll(/^.*ExperimentalWarning.*\n.*--trace-warnings.*\n/gm, '')}`.trim()
}

/** Creates something, and follows its Location. The plugin is what `plugin` evaluates to. */
function creating (plugin: string): string {
  return `
const app = Fastify()
app.register(${plugin})
app.register(async (app) => {
  const thing = resource({ etag: (thing) => thing.version })
  app.get('/things/:id', { config: { resource: thing } }, async (request, reply) => reply.ok({ id: request.params.id, version: 7 }))
  app.post('/things', { config: { resource: thing } }, async (request, reply) => reply.created({ id: 1, version: 7 }))
})
app.inject({ method: 'POST', url: '/things' })
  .then(async ({ statusCode, headers }) => console.log(statusCode, headers.location, headers.etag, (await app.inject(headers.location)).statusCode))
`
}
const CREATED = '201 /things/1 "7" 200'

const typed = `
${subpaths.map((subpath, index) => `import * as part${index} from '${subpath}'`).join('\n')}
import Fastify from 'fastify'
import created, { digest, documentCreation, evaluatePreconditions, resource, weak, type PluginOptions, type Violation } from 'fastify-created'
import { ifMatch, readCreated, type Created } from 'fastify-created/client'

interface Thing { id: number, version: number }
const options: PluginOptions = { profile: 'strict', onViolation: (violation: Violation) => { violation.rule satisfies string } }
const app = Fastify()
app.register(created, options)
app.register(import('fastify-created'), options)

const thing = resource<Thing>({ etag: ({ version }) => version })
app.get('/things/:id', { config: { resource: thing } }, async (request, reply) => reply.ok({ id: 1, version: 7 }))
app.post('/things', { config: { resource: thing } }, async (request, reply) => reply.created({ id: 1, version: 7 }))
app.post<{ Body: Thing }>('/by-hand', async (request, reply) => reply.created(request.body, { location: '/things/1', etag: weak(7) }))
// @ts-expect-error A version is missing.
app.post('/wrong', { config: { resource: thing } }, async (request, reply) => reply.created({ id: 1 }))
app.put('/things/:id', { config: { resource: thing } }, async (request, reply) => {
  request.assertPreconditions({ id: 1, version: 7 })
  return reply.upserted({ id: 1, version: 8 }, { created: false })
})
app.get('/by-hand/:id', async (request) => evaluatePreconditions(request.raw, { etag: 7, lastModified: undefined }))
app.locate(thing, { id: 1, version: 7 }) satisfies string
digest(documentCreation)

export async function create (response: Response): Promise<Created<Thing>> {
  const answer = await readCreated<Thing>(response)
  ifMatch(answer.etag!)
  return answer
}
`

const typedCommonJs = `
import Fastify = require('fastify')
import created = require('fastify-created')
import client = require('fastify-created/client')

const app = Fastify()
app.register(created.default, { origin: 'https://api.example.com' })
client.createOnly()
`

async function typeErrors (directory: string, compiler: string, module: 'nodenext' | 'bundler'): Promise<string> {
  writeFileSync(join(directory, 'index.ts'), typed)
  writeFileSync(join(directory, 'common.cts'), typedCommonJs)
  const settings = module === 'nodenext' ? { module } : { module: 'esnext', moduleResolution: module }
  const tsconfig = join(directory, `tsconfig.${module}.json`)
  writeFileSync(tsconfig, JSON.stringify({
    compilerOptions: { ...settings, target: 'es2022', strict: true, exactOptionalPropertyTypes: true, skipLibCheck: false, noEmit: true, types: ['node'] },
    files: module === 'nodenext' ? ['index.ts', 'common.cts'] : ['index.ts']
  }))
  return await run(process.execPath, [resolve(`node_modules/${compiler}/lib/tsc.js`), '-p', tsconfig, '--pretty', 'false'], { cwd: directory })
    .then(() => '', ({ stdout, stderr }) => `${stdout}${stderr}`)
}

t.test('the package holds what is built from src, README, LICENSE and package.json, and nothing else', async (t) => {
  for (const file of packed) {
    const source = /^dist\/(.+?)(?:\.d\.ts|\.js)$/.exec(file)?.[1]
    t.ok(source === undefined ? ['LICENSE', 'README.md', 'package.json'].includes(file) : existsSync(`src/${source}.ts`), file)
  }
  const targets = Object.values<string | Record<string, string>>(manifest.exports).flatMap((target) => typeof target === 'string' ? target : Object.values(target))
  for (const target of [...targets, ...Object.values<string>(manifest.bin ?? {})]) t.ok(packed.includes(target.replace('./', '')), target)
})

t.test('every subpath is imported and required, and what they give is the same', async (t) => {
  const directory = await consumer('subpaths')
  for (const subpath of subpaths) {
    const imported = await output(directory, 'import.mjs', `console.log(Object.keys(await import('${subpath}')).sort().join())`)
    const required = await output(directory, 'require.cjs', `console.log(Object.keys(require('${subpath}')).filter((name) => name !== '__esModule').sort().join())`)
    t.ok(imported.length > 0)
    t.equal(required, imported, subpath)
  }
  t.equal(await output(directory, 'manifest.cjs', `console.log(require('${manifest.name}/package.json').version)`), manifest.version)
  await t.rejects(output(directory, 'inside.mjs', `import '${manifest.name}/dist/plugin.js'`), /ERR_PACKAGE_PATH_NOT_EXPORTED/)
})

for (const [name, fastify] of [['the newest Fastify', 'fastify'], ['Fastify 5.5.0, the oldest', oldest]]) {
  const skip = existsSync(join('node_modules', fastify)) ? false : `${fastify} is not installed`

  t.test(`with ${name}, an app registers what it imports, what it requires, and what it is about to import`, { skip }, async (t) => {
    const directory = await consumer(`runs-${fastify}`, fastify)
    if (fastify === oldest) t.equal(await output(directory, 'version.cjs', "console.log(require('fastify/package.json').version)"), '5.5.0')
    const imports = "import Fastify from 'fastify'\nimport created, { resource } from 'fastify-created'\n"
    const requires = "const Fastify = require('fastify')\nconst created = require('fastify-created')\nconst { resource } = created\n"
    t.equal(await output(directory, 'import.mjs', imports + creating('created')), CREATED)
    t.equal(await output(directory, 'dynamic.mjs', imports + creating("import('fastify-created')")), CREATED)
    t.equal(await output(directory, 'require.cjs', requires + creating('created')), CREATED)
    t.equal(await output(directory, 'default.cjs', requires + creating('created.default')), CREATED)
  })

  for (const compiler of fastify === oldest ? compilers.slice(0, 1) : compilers) {
    const { version } = JSON.parse(readFileSync(`node_modules/${compiler}/package.json`, 'utf8'))

    t.test(`with ${name}, TypeScript ${version} finds no error in an app, nor in the declarations themselves`, { skip }, async (t) => {
      const directory = await consumer(`types-${fastify}-${compiler}`, fastify)
      t.same(await Promise.all([typeErrors(directory, compiler, 'nodenext'), typeErrors(directory, compiler, 'bundler')]), ['', ''])
    })
  }
}
