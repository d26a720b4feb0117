import { execFile } from 'node:child_process'
import {
  existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'

const run = promisify(execFile)
const manifest = JSON.parse(readFileSync('package.json', 'utf8'))
const subpaths = Object.keys(manifest.exports)
  .filter((subpath) => subpath !== './package.json')
  .map((subpath) => subpath.replace(/^\./, manifest.name))
const compilers = ['typescript', 'typescript-6', 'typescript-7']
const oldest = 'fastify-5-5'

// Outside of the repository, where nothing but what the package names is found.
const workshop = realpathSync(mkdtempSync(join(tmpdir(), 'fastify-created-')))
t.teardown(() => rmSync(workshop, { recursive: true, force: true }))

const pack = ['pack', '--ignore-scripts', '--json', '--pack-destination', workshop]
const { stdout } = await run('npm', pack, { shell: process.platform === 'win32' })
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
  const thingResource = resource({ etag: (thing) => thing.version })
  const config = { resource: thingResource }
  app.get('/things/:id', { config }, async (request, reply) => reply.ok({ id: request.params.id, version: 7 }))
  app.post('/things', { config }, async (request, reply) => reply.created({ id: 1, version: 7 }))
})
app.inject({ method: 'POST', url: '/things' }).then(async ({ statusCode, headers }) => {
  const { statusCode: found } = await app.inject(headers.location)
  console.log(statusCode, headers.location, headers.etag, found)
})
`
}
const CREATED = '201 /things/1 "7" 200'

const typed = `
${subpaths.map((subpath, index) => `import * as part${index} from '${subpath}'`).join('\n')}
import Fastify from 'fastify'
import fastifyCreated, {
  digest, evaluatePreconditions, openapiTransform, resource, weak, type FastifyCreatedOptions, type Violation
} from 'fastify-created'
import { ifMatch, readCreated, type Created } from 'fastify-created/client'

interface Thing { id: number, version: number }
const options: FastifyCreatedOptions = {
  profile: 'strict',
  onViolation: (violation: Violation) => { violation.rule satisfies string }
}
const app = Fastify()
app.register(fastifyCreated, options)
app.register(import('fastify-created'), options)

const thingResource = resource<Thing>({ etag: ({ version }) => version })
const config = { resource: thingResource }
app.get('/things/:id', { config }, async (request, reply) => reply.ok({ id: 1, version: 7 }))
app.post('/things', { config }, async (request, reply) => reply.created({ id: 1, version: 7 }))
app.post<{ Body: Thing }>('/by-hand', async (request, reply) =>
  reply.created(request.body, { location: '/things/1', etag: weak(7) }))
// @ts-expect-error A version is missing.
app.post('/wrong', { config }, async (request, reply) => reply.created({ id: 1 }))
app.put('/things/:id', { config }, async (request, reply) => {
  request.assertPreconditions({ id: 1, version: 7 })
  return reply.upserted({ id: 1, version: 8 }, { created: false })
})
app.get('/by-hand/:id', async (request) => evaluatePreconditions(request.raw, { etag: 7, lastModified: undefined }))
app.urlFor(thingResource, { id: 1, version: 7 }) satisfies string
digest(openapiTransform)

export async function create (response: Response): Promise<Created<Thing>> {
  const created = await readCreated<Thing>(response)
  ifMatch(created.etag!)
  return created
}
`

const typedCommonJs = `
import Fastify = require('fastify')
import fastifyCreated = require('fastify-created')
import client = require('fastify-created/client')

const app = Fastify()
app.register(fastifyCreated.default, { origin: 'https://api.example.com' })
client.createOnly()
`

async function typeErrors (directory: string, compiler: string, module: 'nodenext' | 'bundler'): Promise<string> {
  writeFileSync(join(directory, 'index.ts'), typed)
  writeFileSync(join(directory, 'common.cts'), typedCommonJs)
  const settings = module === 'nodenext' ? { module } : { module: 'esnext', moduleResolution: module }
  const tsconfig = join(directory, `tsconfig.${module}.json`)
  writeFileSync(tsconfig, JSON.stringify({
    compilerOptions: {
      ...settings,
      target: 'es2022',
      strict: true,
      exactOptionalPropertyTypes: true,
      skipLibCheck: false,
      noEmit: true,
      types: ['node']
    },
    files: module === 'nodenext' ? ['index.ts', 'common.cts'] : ['index.ts']
  }))
  const tsc = resolve(`node_modules/${compiler}/lib/tsc.js`)
  return await run(process.execPath, [tsc, '-p', tsconfig, '--pretty', 'false'], { cwd: directory })
    .then(() => '', ({ stdout, stderr }) => `${stdout}${stderr}`)
}

t.test('the package has what is built from src, the docs, README, LICENSE and package.json, only', async (t) => {
  const built = packed.filter((file) => file.startsWith('dist/'))
  for (const file of built) {
    const [, source] = /^dist\/(.+?)(?:\.d\.ts|\.js)$/.exec(file) ?? []
    t.ok(source !== undefined && existsSync(`src/${source}.ts`), file)
  }
  const pages = readdirSync('docs', { recursive: true, encoding: 'utf8' })
    .map((name) => `docs/${name.replaceAll('\\', '/')}`)
    .filter((name) => name.endsWith('.md') && !name.startsWith('docs/api/'))
  const images = [...readFileSync('README.md', 'utf8').matchAll(/docs\/images\/[\w-]+\.png/g)].map(([name]) => name)
  const others = packed.filter((file) => !file.startsWith('dist/'))
  t.same(others.sort(), ['LICENSE', 'README.md', 'package.json', ...pages, ...new Set(images)].sort())
  t.ok(others.includes('docs/reference/rules.md'), 'the messages link to it')
})

t.test('what package.json names is in the package', async (t) => {
  const targets = Object.values<string | Record<string, string>>(manifest.exports)
    .flatMap((target) => typeof target === 'string' ? target : Object.values(target))
  for (const target of [...targets, ...Object.values<string>(manifest.bin)]) {
    t.ok(packed.includes(target.replace('./', '')), target)
  }
})

t.test('every subpath can be imported and required, and gives the same', async (t) => {
  const directory = await consumer('subpaths')
  const print = (exports: string) =>
    `console.log(Object.keys(${exports}).filter((name) => name !== '__esModule').sort().join())`
  for (const subpath of subpaths) {
    const imported = await output(directory, 'import.mjs', print(`await import('${subpath}')`))
    const required = await output(directory, 'require.cjs', print(`require('${subpath}')`))
    t.ok(imported.length > 0)
    t.equal(required, imported, subpath)
  }
  const version = `console.log(require('${manifest.name}/package.json').version)`
  t.equal(await output(directory, 'manifest.cjs', version), manifest.version)
  await t.rejects(output(directory, 'inside.mjs', `import '${manifest.name}/dist/plugin.js'`), /ERR_PACKAGE_PATH_NOT_EXPORTED/)
})

for (const [name, fastify] of [['the newest Fastify', 'fastify'], ['Fastify 5.5.0, the oldest', oldest]]) {
  const skip = existsSync(join('node_modules', fastify)) ? false : `${fastify} is not installed`

  t.test(`with ${name}, an app registers what it imports or requires, and a pending import`, { skip }, async (t) => {
    const directory = await consumer(`runs-${fastify}`, fastify)
    const version = "console.log(require('fastify/package.json').version)"
    if (fastify === oldest) t.equal(await output(directory, 'version.cjs', version), '5.5.0')
    const imports = "import Fastify from 'fastify'\nimport fastifyCreated, { resource } from 'fastify-created'\n"
    const requires = "const Fastify = require('fastify')\nconst fastifyCreated = require('fastify-created')\n" +
      'const { resource } = fastifyCreated\n'
    t.equal(await output(directory, 'import.mjs', imports + creating('fastifyCreated')), CREATED)
    t.equal(await output(directory, 'dynamic.mjs', imports + creating("import('fastify-created')")), CREATED)
    t.equal(await output(directory, 'require.cjs', requires + creating('fastifyCreated')), CREATED)
    t.equal(await output(directory, 'default.cjs', requires + creating('fastifyCreated.default')), CREATED)
  })

  for (const compiler of fastify === oldest ? compilers.slice(0, 1) : compilers) {
    const { version } = JSON.parse(readFileSync(`node_modules/${compiler}/package.json`, 'utf8'))

    t.test(`with ${name}, TypeScript ${version} finds no error in an app or the declarations`, { skip }, async (t) => {
      const directory = await consumer(`types-${fastify}-${compiler}`, fastify)
      const [nodenext, bundler] = await Promise.all([
        typeErrors(directory, compiler, 'nodenext'), typeErrors(directory, compiler, 'bundler')
      ])
      t.same({ nodenext, bundler }, { nodenext: '', bundler: '' })
    })
  }
}
