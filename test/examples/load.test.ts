import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import t from 'tap'
import { WITHOUT_POSTGRES } from './support.js'

t.test('under a mixed load nothing is lost and nothing is duplicated', { skip: WITHOUT_POSTGRES }, async (t) => {
  // A short version of `npm run bench:load`, which exits with 1 if a count is not 0.
  const env = { ...process.env, CONNECTIONS: '50', DURATION: '3' }
  const args = ['--import', 'tsx', 'bench/load.ts']
  const { stdout } = await promisify(execFile)(process.execPath, args, { env })
  t.match(stdout, /errors: 0, lost updates: 0, lost creations: 0, duplicates: 0/)
  t.match(stdout, /[1-9]\d* stale updates/)
})
