import neostandard, { plugins } from 'neostandard'

/**
 * What each folder of src/ may import, beside itself. Imports run one way, types included.
 * The files of src/ itself are the top: index, plugin, options, types.
 */
const LAYERS = {
  util: ['errors'],
  http: ['util', 'errors'],
  resource: ['http', 'util', 'errors'],
  rules: ['resource', 'http', 'util', 'errors'],
  reply: ['rules', 'resource', 'http', 'util', 'errors'],
  request: ['rules', 'resource', 'http', 'util', 'errors'],
  openapi: ['rules', 'resource', 'http', 'util', 'errors'],
  client: [],
  testing: ['http', 'util', 'errors'],
  cli: ['testing', 'options', 'rules', 'resource', 'http', 'util', 'errors']
}

function layer ([folder, allowed]) {
  const names = allowed.length === 0 ? 'nothing' : `only ${allowed.join(', ')}`
  return [
    [`src/${folder}/*.ts`, '^\\.\\./'],
    [`src/${folder}/*/*.ts`, '^\\.\\./\\.\\./']
  ].map(([files, above]) => ({
    files: [files],
    rules: {
      'no-restricted-imports': ['error', {
        patterns: [{
          regex: `${above}(?!(?:${allowed.join('|') || '-'})(?:/|\\.js$))`,
          message: `src/${folder} may import ${names}. See CONTRIBUTING.md.`
        }]
      }]
    }
  }))
}

export default [
  ...neostandard({
    ts: true,
    // The page of the example.
    env: ['browser'],
    ignores: ['dist/', '.tap/', '.data/', 'docs/api/']
  }),
  {
    plugins: { '@stylistic': plugins['@stylistic'] },
    rules: { '@stylistic/max-len': ['error', { code: 120, ignoreUrls: true, ignoreRegExpLiterals: true }] }
  },
  ...Object.entries(LAYERS).flatMap(layer)
]
