import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { fixture, run } from './support.js'

const BUILT = fileURLToPath(new URL('../../dist/cli/bin.js', import.meta.url))

function end (pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {}
}

for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
  t.test(`${signal} ends the command, and an app that blocks with it`, async (t) => {
    const folder = t.testdir({ 'app.mjs': 'import { writeSync } from \'node:fs\'\nwriteSync(2, String(process.pid))\nfor (;;);\n' })
    // With nothing of tap in it: that listens for signals, too.
    const command = spawn('env', ['-i', process.execPath, BUILT, 'lint', `${folder}/app.mjs`], { stdio: ['ignore', 'ignore', 'pipe'] })
    const said: string[] = []
    command.stderr.setEncoding('utf8').on('data', (text) => { said.push(text) })
    const [pid] = await once(command.stderr, 'data')
    t.teardown(() => end(Number(pid)))
    command.kill(signal)
    // The app has the pipe, too: it is closed when both are gone.
    t.same(await once(command, 'close'), [null, signal], said.join(' '))
  })
}

t.test('what listens for signals is gone when the app is', async (t) => {
  const before = process.listenerCount('SIGTERM')
  const survive = () => {}
  process.on('SIGTERM', survive)
  t.teardown(() => process.off('SIGTERM', survive))
  const ended = run(['lint', fixture('blocks.js')])
  t.equal(process.listenerCount('SIGTERM'), before + 2)
  const received = once(process, 'SIGTERM')
  process.kill(process.pid, 'SIGTERM')
  await received
  t.match(await ended, { status: 2, stderr: /\(SIGKILL\)/ })
  t.equal(process.listenerCount('SIGTERM'), before + 1)

  const exits = process.listenerCount('exit')
  await run(['lint', fixture('throws.js')])
  // The report is there before its process is gone.
  while (process.listenerCount('exit') > exits) await new Promise((resolve) => setTimeout(resolve, 10))
  t.equal(process.listenerCount('exit'), exits)
})
