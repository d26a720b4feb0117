import neostandard from 'neostandard'

export default neostandard({
  ts: true,
  // The page of the example.
  env: ['browser'],
  ignores: ['dist/', '.tap/', '.data/', 'docs/api/']
})
